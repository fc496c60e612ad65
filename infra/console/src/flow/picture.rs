//! The way as a picture: side by side for wide screens, one below the other for phones.

use maud::{Markup, html};

use super::{Arrow, Flow, Stop};
use crate::parts::Mood;

/// Half of what a stop's box is wide and high.
const BOX: (i32, i32) = (66, 27);
/// Between the middles of two neighbours in the wide picture.
const STEP: i32 = 212;
/// The middle of the first stop, and of the two rows.
const LEFT: i32 = 70;
const ROWS: (i32, i32) = (50, 188);

/// The write side above, from left to right; the read side below, and back. Gateway and events stand in both rows.
pub(crate) fn wide(flow: &Flow) -> Markup {
    let (width, height) = (LEFT * 2 + STEP * 5, 236);
    let column = |at: usize| LEFT + STEP * at as i32;
    let middle = i32::midpoint(ROWS.0, ROWS.1);
    html! {
        svg.flow.wide viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(said(flow)) {
            (head("wide"))
            @for (at, arrow) in flow.arrows.iter().enumerate() {
                @let (from, to, y) = match at {
                    0..5 => (column(at) + BOX.0, column(at + 1) - BOX.0, ROWS.0),
                    _ => (column(10 - at) - BOX.0, column(9 - at) + BOX.0, ROWS.1),
                };
                (across(arrow, from, to, y))
            }
            @for (at, stop) in flow.stops.iter().enumerate() {
                @match at {
                    1 | 5 => (place(stop, column(at), middle, (ROWS.1 - ROWS.0) / 2 + BOX.1)),
                    9 => {}
                    0..5 => (place(stop, column(at), ROWS.0, BOX.1)),
                    _ => (place(stop, column(10 - at), ROWS.1, BOX.1)),
                }
            }
        }
    }
}

/// Everything in one column.
pub(crate) fn tall(flow: &Flow) -> Markup {
    const DOWN: i32 = 92;
    let (width, height) = (330, DOWN * 10 + 2 * BOX.1 + 4);
    let x = 76;
    let middle = |at: usize| BOX.1 + 2 + DOWN * at as i32;
    html! {
        svg.flow.tall viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(said(flow)) {
            (head("tall"))
            @for (at, arrow) in flow.arrows.iter().enumerate() {
                @let (from, to) = (middle(at) + BOX.1, middle(at + 1) - BOX.1);
                g.arrow {
                    (meaning(arrow))
                    line x1=(x) y1=(from) x2=(x) y2=(to - 7) marker-end="url(#point-tall)" {}
                    text.rate x=(x + 14) y=(from + 16) { (arrow.rate) " " tspan.what { (arrow.what) } }
                    text.more x=(x + 14) y=(from + 31) {
                        @for (at, told) in arrow.more.iter().enumerate() {
                            tspan.(class(told.mood)) { @if at > 0 { " · " } (told.text) }
                        }
                    }
                }
            }
            @for (at, stop) in flow.stops.iter().enumerate() { (place(stop, x, middle(at), BOX.1)) }
        }
    }
}

/// An arrow from left to right, or back: the rate above its line, the rest below.
fn across(arrow: &Arrow, from: i32, to: i32, y: i32) -> Markup {
    let (middle, end) = (i32::midpoint(from, to), if from < to { to - 7 } else { to + 7 });
    html! {
        g.arrow {
            (meaning(arrow))
            // A wider place to point at.
            rect.reach x=(from.min(to)) y=(y - 34) width=((to - from).abs()) height="76" {}
            line x1=(from) y1=(y) x2=(end) y2=(y) marker-end="url(#point-wide)" {}
            text.what x=(middle) y=(y - 23) { (arrow.what) }
            text.rate x=(middle) y=(y - 7) { (arrow.rate) }
            @for (at, told) in arrow.more.iter().enumerate() {
                text.more.(class(told.mood)) x=(middle) y=(y + 16 + 14 * at as i32) { (told.text) }
            }
        }
    }
}

fn place(stop: &Stop, x: i32, y: i32, half: i32) -> Markup {
    html! {
        g.stop.(class(stop.mood)) {
            rect x=(x - BOX.0) y=(y - half) width=(BOX.0 * 2) height=(half * 2) rx="8" {}
            text.name x=(x) y=(y - 2) { (stop.name) }
            text.note x=(x) y=(y + 14) { (stop.note) }
        }
    }
}

fn meaning(arrow: &Arrow) -> Markup {
    html! {
        title {
            (arrow.rate) " " (arrow.what) ": " (arrow.rate_means)
            @for told in &arrow.more { "\n" (told.text) ": " (told.means) }
        }
    }
}

fn head(name: &str) -> Markup {
    html! {
        defs {
            marker id={ "point-" (name) } viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto" {
                path.point d="M0 0L8 4L0 8Z" {}
            }
        }
    }
}

fn class(mood: Mood) -> &'static str {
    match mood {
        Mood::Bad => "bad",
        Mood::Warn => "warn",
        Mood::Good => "good",
        Mood::Plain => "plain",
    }
}

/// The picture in words, for who can't see it; the table below it has every number.
fn said(flow: &Flow) -> String {
    let steps = flow.arrows.iter().zip(&flow.stops).zip(&flow.stops[1..]);
    let steps = steps
        .map(|((arrow, from), to)| format!("{} to {}: {} {}", from.name, to.name, arrow.rate, arrow.what));
    format!("The way of a parcel's data. {}.", steps.collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::tests::figures;
    use crate::roles::tests::whole;

    #[test]
    fn both_pictures_show_each_stop_and_each_arrow_without_inline_styles() {
        let flow = Flow::of(&whole(), &figures());
        for (picture, stops) in [(wide(&flow), 10), (tall(&flow), 11)] {
            let text = picture.into_string();
            assert_eq!(text.matches("class=\"arrow\"").count(), 10, "{text}");
            assert_eq!(text.matches("class=\"stop ").count(), stops, "{text}");
            assert!(
                text.contains("10.0/s") && text.contains("lag 4") && text.contains("Age of the oldest event"),
                "{text}"
            );
            assert!(!text.contains("style="), "{text}");
        }
    }
}
