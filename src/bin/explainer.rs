//! The program of the pages of lessons, `index.html` and those made from it.

fn main() {
    understudy_page::open_explainer();
}
