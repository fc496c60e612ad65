//! The results: a table for people, JSON lines for programs, and the part of a page.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::chart::Chart;
use crate::machine::Machine;
use crate::row::Row;

/// Between these lines of the page stands what is written here.
const BEGIN: &str = "<!-- figures: written by `bench report` -->";
const END: &str = "<!-- end of figures -->";

/// All figures of one run, with what they were measured on.
pub(crate) struct Report {
    pub(crate) machine: Machine,
    pub(crate) rows: Vec<Row>,
}

impl Report {
    /// Writes `bench.jsonl`, `machine.json` and the charts into a folder. Rows of other benches that lie there stay, so that
    /// benches can also be run one by one.
    pub(crate) fn save(&self, dir: &Path, charts: &[Chart]) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
        let others = Self::load(dir).map_or(Vec::new(), |earlier| earlier.rows);
        let others = others.iter().filter(|row| self.rows.iter().all(|new| new.bench != row.bench));
        let mut lines = String::new();
        for row in others.chain(&self.rows) {
            lines.push_str(&serde_json::to_string(row)?);
            lines.push('\n');
        }
        fs::write(dir.join("bench.jsonl"), lines)?;
        fs::write(dir.join("machine.json"), serde_json::to_string_pretty(&self.machine)?)?;
        for chart in charts {
            fs::write(dir.join(chart.file).with_extension("svg"), chart.svg())?;
        }
        Ok(())
    }

    /// What an earlier run has saved.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let read = |name: &str| {
            let path = dir.join(name);
            fs::read_to_string(&path)
                .with_context(|| format!("reading {}; `make bench` makes it", path.display()))
        };
        let rows = read("bench.jsonl")?.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        Ok(Self { machine: serde_json::from_str(&read("machine.json")?)?, rows })
    }

    /// For a terminal.
    pub(crate) fn table(&self) -> String {
        let cells: Vec<[String; 6]> = self.rows.iter().map(cells).collect();
        let heads = ["bench", "ours", "bare", "ratio", "bar", ""].map(str::to_owned);
        let widths: Vec<usize> = (0..6)
            .map(|n| cells.iter().chain([&heads]).map(|row| row[n].chars().count()).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for row in [&heads].into_iter().chain(&cells) {
            let line: Vec<String> =
                row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
            let _ = writeln!(text, "{}", line.join("  ").trim_end());
        }
        text
    }

    /// For a page.
    fn markdown(&self) -> String {
        let mut text = String::new();
        for line in self.machine.lines() {
            let _ = writeln!(text, "- {line}");
        }
        text.push_str("\n| bench | ours | bare | ratio | bar | |\n|---|---|---|---|---|---|\n");
        for row in &self.rows {
            let note = row.note.as_ref().map(|note| format!("<br><small>{note}</small>")).unwrap_or_default();
            let [bench, rest @ ..] = cells(row);
            let _ = writeln!(text, "| {bench}{note} | {} |", rest.join(" | "));
        }
        text
    }

    /// Puts the figures where a page has room for them, and the charts into a folder beside it that is called as the page is.
    pub(crate) fn write_into(&self, page: &Path, results: &Path) -> Result<()> {
        let text = fs::read_to_string(page).with_context(|| format!("reading {}", page.display()))?;
        let parts = text.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
        let (head, tail) =
            parts.with_context(|| format!("{} has no line `{BEGIN}`, or no end to it", page.display()))?;
        let mut figures = self.markdown();
        let folder = page.with_extension("");
        let mut charts: Vec<_> =
            fs::read_dir(results)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        charts.retain(|path| path.extension().is_some_and(|extension| extension == "svg"));
        charts.sort();
        for chart in charts {
            let name = chart.file_name().unwrap_or_default();
            fs::create_dir_all(&folder)?;
            fs::copy(&chart, folder.join(name))?;
            let (stem, folder) =
                (chart.file_stem().unwrap_or_default(), folder.file_name().unwrap_or_default());
            let title = stem.to_string_lossy().replace('-', " ");
            let path = Path::new(folder).join(name);
            let _ = write!(figures, "\n![{title}]({})\n", path.display());
        }
        Ok(fs::write(page, format!("{head}{BEGIN}\n\n{figures}\n{END}{tail}"))?)
    }
}

fn cells(row: &Row) -> [String; 6] {
    let Row { unit, .. } = row;
    let ours = format!("{} {unit} ({}–{})", number(row.ours), number(row.ours_min), number(row.ours_max));
    let of = |median: Option<f64>, min: Option<f64>, max: Option<f64>, unit: &str| {
        let (Some(median), Some(min), Some(max)) = (median, min, max) else { return "–".to_owned() };
        format!("{}{unit} ({}–{})", number(median), number(min), number(max))
    };
    let bare = of(row.bare, row.bare_min, row.bare_max, &format!(" {unit}"));
    let ratio = of(row.ratio, row.ratio_min, row.ratio_max, "");
    let bar = row.bar.clone().unwrap_or_else(|| "reported".to_owned());
    let met = match row.met {
        Some(true) => "met",
        Some(false) => "missed",
        None => "",
    };
    [row.bench.clone(), ours, bare, ratio, bar, met.to_owned()]
}

/// Three figures that count, and thousands apart.
fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = (2 - value.abs().log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(whole, rest)| (whole, rest));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left % 3 == 0 && whole.as_bytes()[at - 1] != b'-' {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Bar;
    use crate::stats::Spread;

    fn report() -> Report {
        let spread = |median: f64| Spread { median, min: median * 0.9, max: median * 1.1 };
        let rows = vec![
            Row::new("drained", "commands/s", spread(40_000.0), 5)
                .against(spread(50_000.0), spread(0.8))
                .held_to(Some(Bar::RatioAtLeast(0.6))),
            Row::new("memory", "MB", spread(300.0), 1)
                .held_to(Some(Bar::AtMost(256.0)))
                .with_note("at its peak"),
        ];
        Report { machine: Machine::here(), rows }
    }

    #[test]
    fn numbers_have_three_figures_that_count() {
        for (value, text) in [
            (0.0, "0"),
            (0.12345, "0.123"),
            (1.5, "1.50"),
            (42.42, "42.4"),
            (1234.5, "1,234"),
            (1_234_567.0, "1,234,567"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn the_table_says_which_bars_are_met() {
        let table = report().table();
        let lines: Vec<&str> = table.lines().collect();
        assert!(
            lines[1].contains("40,000 commands/s (36,000–44,000)") && lines[1].ends_with("met"),
            "{table}"
        );
        assert!(lines[2].contains("≤ 256") && lines[2].ends_with("missed"), "{table}");
    }

    #[test]
    fn what_is_saved_can_be_loaded_and_put_into_a_page_again_and_again() {
        let dir = std::env::temp_dir().join(format!("bench-report-{}", std::process::id()));
        let chart = Chart { file: "a-chart", title: "", x: "", y: "", lines: Vec::new() };
        report().save(&dir, &[chart]).unwrap();
        let loaded = Report::load(&dir).unwrap();
        assert_eq!((loaded.rows, loaded.machine), (report().rows, report().machine));
        let page = dir.join("page.md");
        fs::write(&page, format!("before\n{BEGIN}\nold\n{END}\nafter\n")).unwrap();
        for _ in 0..2 {
            report().write_into(&page, &dir).unwrap();
        }
        let text = fs::read_to_string(&page).unwrap();
        assert!(
            dir.join("page/a-chart.svg").exists() && text.contains("![a chart](page/a-chart.svg)"),
            "{text}"
        );
        fs::remove_dir_all(&dir).unwrap();
        assert!(
            text.starts_with("before\n") && text.ends_with("\nafter\n") && !text.contains("old"),
            "{text}"
        );
        assert_eq!(text.matches("| drained |").count(), 1);
        assert!(text.contains("memory<br><small>at its peak</small>"));
    }
}
