//! Charts as SVG, written by hand: a few lines on logarithmic axes are all that is needed.

use std::fmt::Write as _;

use crate::stats::Spread;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 160.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 50.0;
const COLOURS: [&str; 6] = ["#0b6fa4", "#e07a1f", "#2e8b57", "#a83279", "#6b6b6b", "#b8860b"];

/// Some lines over the same axes, both logarithmic.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    /// Without `.svg`.
    pub(crate) file: &'static str,
    pub(crate) title: &'static str,
    /// What the axes show.
    pub(crate) x: &'static str,
    pub(crate) y: &'static str,
    pub(crate) lines: Vec<Line>,
}

/// A line through medians, with a mark from the least to the most at each.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, Spread)>,
}

impl Chart {
    /// The whole file.
    pub(crate) fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| line.points.iter());
        let across = Axis::over(points().map(|(x, _)| *x), LEFT, WIDTH - RIGHT);
        let up = Axis::over(points().flat_map(|(_, y)| [y.min, y.max]), HEIGHT - BOTTOM, TOP);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
             font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
             <text x=\"{LEFT}\" y=\"22\" font-size=\"15\">{}</text>\n",
            escaped(self.title)
        );
        self.grid(&mut svg, &across, &up);
        for (line, colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            line.draw(&mut svg, &across, &up, colour);
        }
        for (at, (line, colour)) in self.lines.iter().zip(COLOURS.iter().cycle()).enumerate() {
            let (x, y) = (WIDTH - RIGHT + 14.0, TOP + 10.0 + 18.0 * at as f64);
            let name = escaped(&line.name);
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\">● {name}</text>");
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn grid(&self, svg: &mut String, across: &Axis, up: &Axis) {
        for tick in across.ticks() {
            let (x, text) = (across.at(tick), short(tick));
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {TOP}V{:.1}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{:.1}\" \
                 text-anchor=\"middle\">{text}</text>",
                HEIGHT - BOTTOM,
                HEIGHT - BOTTOM + 16.0
            );
        }
        for tick in up.ticks() {
            let (y, text) = (up.at(tick), short(tick));
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{text}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0
            );
        }
        let (middle, bottom) = (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 12.0);
        let (x, y) = (escaped(self.x), escaped(self.y));
        let _ = writeln!(
            svg,
            "<text x=\"{middle:.1}\" y=\"{bottom:.1}\" text-anchor=\"middle\">{x}</text>\n\
             <text x=\"{LEFT}\" y=\"{:.1}\" text-anchor=\"end\" dx=\"-6\">{y}</text>",
            TOP - 6.0
        );
    }
}

impl Line {
    fn draw(&self, svg: &mut String, across: &Axis, up: &Axis, colour: &str) {
        let mut path = String::new();
        for (x, y) in &self.points {
            let command = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{command}{:.1} {:.1}", across.at(*x), up.at(y.median));
        }
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>");
        for (x, y) in &self.points {
            let (x, median) = (across.at(*x), up.at(y.median));
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"{colour}\"/><circle cx=\"{x:.1}\" cy=\"{median:.1}\" r=\"3\" \
                 fill=\"{colour}\"/>",
                up.at(y.min),
                up.at(y.max)
            );
        }
    }
}

/// A logarithmic axis between two places of the picture.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let positive = values.filter(|value| *value > 0.0);
        let (low, high) = positive.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low > high { (1.0, 10.0) } else { (low, high) };
        // A little air, and never no width at all.
        Self { low: low / 1.3, high: high * 1.3, from, to }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value.max(self.low) / self.low).ln() / (self.high / self.low).ln();
        self.from + share * (self.to - self.from)
    }

    /// 1, 2 and 5 of each decade within.
    fn ticks(&self) -> Vec<f64> {
        let first = self.low.log10().floor() as i32;
        let last = self.high.log10().ceil() as i32;
        let all = (first..=last).flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(decade)));
        all.filter(|tick| (self.low..=self.high).contains(tick)).collect()
    }
}

fn short(value: f64) -> String {
    if value >= 1e6 {
        format!("{} M", value / 1e6)
    } else if value >= 1e3 {
        format!("{} k", value / 1e3)
    } else {
        format!("{}", (value * 1e6).round() / 1e6)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_lies_within_the_picture() {
        let spread = |median: f64| Spread { median, min: median / 2.0, max: median * 2.0 };
        let points = vec![(200.0, spread(12.0)), (500.0, spread(15.0)), (2000.0, spread(40.0))];
        let chart = Chart {
            file: "x",
            title: "a < b",
            x: "commands/s",
            y: "ms",
            lines: vec![Line { name: "ours".to_owned(), points }],
        };
        let svg = chart.svg();
        assert!(svg.contains("a &lt; b") && svg.contains("● ours"), "{svg}");
        let circles: Vec<(f64, f64)> = svg
            .split("<circle cx=\"")
            .skip(1)
            .map(|rest| {
                let (x, rest) = rest.split_once("\" cy=\"").unwrap();
                (x.parse().unwrap(), rest.split_once('"').unwrap().0.parse().unwrap())
            })
            .collect();
        assert_eq!(circles.len(), 3);
        assert!(
            circles
                .iter()
                .all(|(x, y)| (LEFT..=WIDTH - RIGHT).contains(x) && (TOP..=HEIGHT - BOTTOM).contains(y))
        );
        assert!(circles.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 > two[1].1), "{circles:?}");
    }

    #[test]
    fn ticks_are_round_numbers_within_the_axis() {
        let axis = Axis::over([10_000.0, 1_000_000.0].into_iter(), 0.0, 100.0);
        let texts: Vec<String> = axis.ticks().into_iter().map(short).collect();
        assert_eq!(texts, ["10 k", "20 k", "50 k", "100 k", "200 k", "500 k", "1 M"]);
    }
}
