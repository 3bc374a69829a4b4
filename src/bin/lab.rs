//! The program of `lab.html`.

fn main() {
    understudy_page::open_lab();
}
