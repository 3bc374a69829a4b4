//! A brief in a lesson: what things cost, what is asked, and the way to the lab, where the audit judges.

use understudy_audit::brief::{Kind, Price};
use understudy_audit::dependability;
use understudy_sim::Plan;

use crate::briefs::BriefFile;
use crate::html::escaped;
use crate::text::Writer;

/// The brief as HTML.
pub(super) fn write(writer: &mut Writer<'_>, file: &BriefFile, line: usize) -> String {
    let brief = &file.brief;
    let mut html = format!(
        "<section class=\"brief\" aria-label=\"The brief\">\n<table>\n<thead><tr><th scope=\"col\">One more</th>\
         <th scope=\"col\">{}</th><th scope=\"col\">Time it works</th></tr></thead>\n<tbody>\n",
        escaped(&capitalised(&brief.unit))
    );
    for price in &brief.prices {
        let kind = price.kind.word();
        // As a link, so that it has the icon and lights up what the figures have of it.
        let name = writer.sentence(&format!("[{}](kind:{kind})", kind.replace('-', " ")), line).html;
        let (costs, works) = (price.costs.to_string(), works(file, price).unwrap_or_default());
        html.extend([
            "<tr><th scope=\"row\">",
            &name,
            "</th><td>",
            &costs,
            "</td><td>",
            &works,
            "</td></tr>\n",
        ]);
    }
    html += "</tbody>\n</table>\n<ol class=\"targets\">\n";
    for target in &brief.targets {
        html.extend(["<li>", &writer.sentence(&target.text, line).html, "</li>\n"]);
    }
    html.extend([
        "</ol>\n<p class=\"go\"><a href=\"./lab.html?brief=",
        &escaped(&file.name),
        "\">Open the plan and this list in the lab</a></p>\n</section>\n",
    ]);
    html
}

/// The share of the time that the audit takes such a node to work: of one in the design.
fn works(file: &BriefFile, price: &Price) -> Option<String> {
    let node = file.design.nodes.iter().find(|node| Kind::of(node) == Some(price.kind))?;
    let plan = Plan::build(&file.design).ok()?;
    let (times, _) = dependability::usual(&plan.node(plan.find(node.name())?)?.kind);
    let percent = format!("{:.3}", (1.0 - times.unavailability()) * 100.0);
    let percent = percent.trim_end_matches('0').trim_end_matches('.');
    Some(format!("{percent}\u{202f}%"))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
