//! The page: one file that needs nothing else.

use std::fmt::Write;

use super::{Report, SHOWN, chart, seconds};
use crate::check::Check;
use crate::faults::Inflicted;

const STYLE: &str = "
:root { color-scheme: light dark; --good: #18794e; --bad: #ce2c31; --quiet: #8888; --wash: #8881 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1100px; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .25rem .6rem; vertical-align: top }
tr { border-bottom: 1px solid var(--quiet) } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.good { color: var(--good); font-weight: 600 } .bad { color: var(--bad); font-weight: 600 }
code, pre { font: 13px ui-monospace, monospace; background: var(--wash); padding: .1rem .3rem; overflow-wrap: anywhere }
pre { padding: .6rem; white-space: pre-wrap } ul { margin: .2rem 0 }
svg { width: 100%; height: auto } svg text { font: 10px system-ui; fill: currentColor }
.fault { fill: #f5a62333 } .probe { stroke: #3b82f6; stroke-width: 1 } .base { stroke: var(--quiet) }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem } .tiles div { background: var(--wash); padding: .5rem 1rem; border-radius: .4rem }
.tiles b { display: block; font-size: 1.3rem }
";

pub(super) fn of(report: &Report) -> String {
    let mut page = String::new();
    // Writing to a String can't fail.
    let _ = page_of(report, &mut page);
    page
}

fn page_of(report: &Report, page: &mut String) -> std::fmt::Result {
    let verdict = if report.holds {
        "<span class=\"good\">everything holds</span>"
    } else {
        "<span class=\"bad\">not everything holds</span>"
    };
    write!(
        page,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>torture, seed {}</title><style>{STYLE}</style>\
         <h1>Torture, seed {}: {verdict}</h1><p>Again: <code>{}</code></p>",
        report.seed,
        report.seed,
        escaped(&report.again)
    )?;
    if let Some(plant) = &report.plant {
        write!(page, "<p>The bug <code>{}</code> was planted: the checks must find it.</p>", escaped(plant))?;
    }
    tiles(report, page)?;
    page.push_str("<h2>Checks</h2><table><tr><th></th><th>check</th><th>what must hold</th><th class=\"n\">held against</th></tr>");
    for check in &report.checks {
        row_of_check(check, page)?;
    }
    write!(
        page,
        "</table><h2>Over time</h2><p>Each line is a probe, as high as it waited for its answer (square root, 30 s at the top); \
         shaded, the faults until they were over.</p>{}",
        chart::of(report)
    )?;
    page.push_str("<h2>Recovery by kind of fault</h2><table><tr><th>fault</th><th class=\"n\">times</th><th class=\"n\">p50</th><th class=\"n\">max</th><th class=\"n\">stuck</th></tr>");
    for (kind, of_it) in &report.recoveries {
        write!(
            page,
            "<tr><td>{kind}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            of_it.count,
            seconds(of_it.p50),
            seconds(of_it.max),
            of_it.stuck
        )?;
    }
    page.push_str("</table><h2>Faults</h2><table><tr><th class=\"n\">#</th><th>fault</th><th class=\"n\">at</th><th class=\"n\">lasted</th><th class=\"n\">recovery</th><th class=\"n\">rows</th></tr>");
    for fault in &report.faults {
        row_of_fault(fault, page)?;
    }
    page.push_str("</table>");
    exits(report, page)
}

fn tiles(report: &Report, page: &mut String) -> std::fmt::Result {
    page.push_str("<div class=\"tiles\">");
    let all = report.recoveries.get("all");
    let tile = |page: &mut String, value: String, name: &str| write!(page, "<div><b>{value}</b>{name}</div>");
    tile(page, seconds(all.and_then(|all| all.p50)), "recovery, p50")?;
    tile(page, seconds(all.and_then(|all| all.max)), "recovery, max")?;
    tile(page, seconds(report.views.max), "rows caught up, max")?;
    for (name, count) in &report.counts {
        tile(page, count.to_string(), name)?;
    }
    page.push_str("</div><p>");
    let list = |counts: &mut dyn Iterator<Item = (String, usize)>| {
        counts.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    write!(
        page,
        "Commands: {}. Answers: {}.</p>",
        list(&mut report.commands.iter().map(|(name, count)| (name.clone(), *count))),
        list(&mut report.answers.iter().map(|(name, count)| ((*name).to_owned(), *count)))
    )
}

fn row_of_check(check: &Check, page: &mut String) -> std::fmt::Result {
    let verdict = if check.findings.is_empty() {
        "<td class=\"good\">holds</td>".to_owned()
    } else {
        format!("<td class=\"bad\">{} findings</td>", check.findings.len())
    };
    write!(page, "<tr>{verdict}<td>{}</td><td>{}", check.name, check.claim)?;
    if !check.findings.is_empty() {
        page.push_str("<ul>");
        for finding in check.findings.iter().take(SHOWN) {
            write!(page, "<li><code>{}</code> {}</li>", escaped(&finding.of), escaped(&finding.text))?;
        }
        page.push_str("</ul>");
    }
    write!(page, "</td><td class=\"n\">{}</td></tr>", check.held_against)
}

fn row_of_fault(fault: &Inflicted, page: &mut String) -> std::fmt::Result {
    let text = escaped(&fault.text);
    write!(page, "<tr><td class=\"n\">{}</td><td><b>{}</b> <code>{text}</code>", fault.number, fault.kind)?;
    if let Some(why) = &fault.skipped {
        return write!(page, " left out: {}</td><td colspan=\"4\"></td></tr>", escaped(why));
    }
    write!(
        page,
        "</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
        seconds(Some(fault.began)),
        seconds(Some(fault.ended - fault.began)),
        seconds(fault.slowest()),
        seconds(fault.views)
    )
}

fn exits(report: &Report, page: &mut String) -> std::fmt::Result {
    if report.exits.is_empty() {
        return Ok(());
    }
    page.push_str("<h2>Roles that ended by themselves</h2>");
    for exit in &report.exits {
        write!(
            page,
            "<p>{} at {}: {}</p><pre>{}</pre>",
            exit.role,
            seconds(Some(exit.at)),
            escaped(&exit.status),
            escaped(&exit.last_words)
        )?;
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_is_shown_and_not_obeyed() {
        assert_eq!(escaped("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }
}
