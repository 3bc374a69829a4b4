//! The program of the page that shows one figure for another page, `embed.html`.

fn main() {
    understudy_page::open_embed();
}
