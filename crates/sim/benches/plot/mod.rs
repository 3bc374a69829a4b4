//! Plots as SVG: points along a logarithmic axis, from zero upwards, side by side.

use std::fmt::Write;

/// One plot.
pub(crate) struct Chart<'a> {
    pub(crate) title: &'a str,
    /// What the axes show.
    pub(crate) x: &'a str,
    pub(crate) y: &'a str,
    pub(crate) points: &'a [(f64, f64)],
}

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 260.0;
/// Around the plot: room for what the axes say.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 48.0;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#1f2933}.title{font-weight:600;font-size:13px}\
.axis{stroke:#52606d}.grid{stroke:#cbd2d9}.line{fill:none;stroke:#0b69a3;stroke-width:2}.point{fill:#0b69a3}\
.ground{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#e4e7eb}.axis{stroke:#9aa5b1}.grid{stroke:#3e4c59}\
.line{stroke:#5ed0fa}.point{fill:#5ed0fa}.ground{fill:#1f2933}}";

/// All plots in one picture.
pub(crate) fn chart(charts: &[Chart<'_>]) -> String {
    let width = charts.iter().fold(0.0, |width, _| width + WIDTH);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\" \
         aria-label=\"{}\">\n<style>{STYLE}</style>\n<rect class=\"ground\" width=\"{width}\" height=\"{HEIGHT}\"/>\n",
        charts.iter().map(|chart| chart.title).collect::<Vec<_>>().join("; ")
    );
    let mut left = 0.0;
    for chart in charts {
        one(&mut svg, left, chart).expect("a string takes any text");
        left += WIDTH;
    }
    svg.push_str("</svg>\n");
    svg
}

fn one(svg: &mut String, offset: f64, chart: &Chart<'_>) -> std::fmt::Result {
    let Chart { title, x, y, points } = chart;
    let most = round_up(points.iter().map(|point| point.1).fold(0.0, f64::max));
    let first = points.first().map_or(0.0, |point| point.0.log10().floor());
    let last = points.last().map_or(1.0, |point| point.0.log10().ceil());
    let right_of = |value: f64| LEFT + (value.log10() - first) / (last - first) * (WIDTH - LEFT - RIGHT);
    let up_at = |value: f64| HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
    let (bottom, end) = (HEIGHT - BOTTOM, WIDTH - RIGHT);
    writeln!(svg, "<g transform=\"translate({offset} 0)\">")?;
    writeln!(svg, "<text class=\"title\" x=\"{LEFT}\" y=\"18\">{title}</text>")?;
    writeln!(svg, "<text x=\"{LEFT}\" y=\"35\">{y}</text>")?;
    for quarter in 0..=4 {
        let value = most * f64::from(quarter) / 4.0;
        let class = if quarter == 0 { "axis" } else { "grid" };
        let at = up_at(value);
        writeln!(svg, "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{end}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>")?;
        writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>", LEFT - 6.0, at + 4.0)?;
    }
    let mut exponent = first;
    while exponent <= last {
        let at = right_of(10_f64.powf(exponent));
        writeln!(
            svg,
            "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">10<tspan dy=\"-5\" font-size=\"9\">{exponent}</tspan></text>",
            bottom + 18.0
        )?;
        exponent += 1.0;
    }
    let middle = f64::midpoint(LEFT, end);
    writeln!(svg, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{x}</text>", HEIGHT - 10.0)?;
    let places: Vec<String> =
        points.iter().map(|point| format!("{:.1},{:.1}", right_of(point.0), up_at(point.1))).collect();
    writeln!(svg, "<polyline class=\"line\" points=\"{}\"/>", places.join(" "))?;
    for &(across, up) in *points {
        let (cx, cy) = (right_of(across), up_at(up));
        writeln!(
            svg,
            "<circle class=\"point\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3\"><title>{up:.1}</title></circle>"
        )?;
    }
    writeln!(svg, "</g>")
}

/// The next round number above.
fn round_up(number: f64) -> f64 {
    let decade = 10_f64.powf(number.max(1.0).log10().floor());
    [1.0, 2.0, 4.0, 10.0]
        .map(|times| times * decade)
        .into_iter()
        .find(|&round| round >= number)
        .unwrap_or(number)
}
