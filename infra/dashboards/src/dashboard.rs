//! A dashboard: rows of panels, and what can be picked above them.

use serde_json::{Value, json};

use crate::panel::{Panel, SOURCE};

/// Where a local system shows the runbooks; it can be changed above each dashboard.
const RUNBOOKS: &str = "http://127.0.0.1:8080/docs/runbooks";
/// By which dashboards find each other.
const TAG: &str = "parceltrack";
const COLUMNS: u32 = 24;

/// One dashboard.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// Its file's name, and its address in Grafana.
    pub name: &'static str,
    title: &'static str,
    description: &'static str,
    pickers: Vec<Value>,
    rows: Vec<(&'static str, Vec<Panel>)>,
}

impl Dashboard {
    /// An empty one.
    pub fn new(name: &'static str, title: &'static str, description: &'static str) -> Self {
        Self { name, title, description, pickers: Vec::new(), rows: Vec::new() }
    }

    /// One more row.
    #[must_use]
    pub fn row(mut self, title: &'static str, panels: impl Into<Vec<Panel>>) -> Self {
        self.rows.push((title, panels.into()));
        self
    }

    /// Lets people pick a label's value among those that a query finds; several at once, or all, where `many`.
    #[must_use]
    pub fn picker(mut self, name: &str, title: &str, query: &str, many: bool) -> Self {
        self.pickers.push(json!({
            "name": name,
            "label": title,
            "type": "query",
            "datasource": { "type": "prometheus", "uid": SOURCE },
            "query": { "query": query, "refId": name },
            "refresh": 2,
            "sort": 1,
            "multi": many,
            "includeAll": many,
            "current": if many { json!({ "text": "All", "value": "$__all" }) } else { json!({}) },
        }));
        self
    }

    /// What Grafana reads.
    pub fn json(&self) -> Value {
        let uid = format!("{TAG}-{}", self.name);
        json!({
            "uid": uid,
            "title": self.title,
            "description": self.description,
            "tags": [TAG],
            "schemaVersion": 39,
            "version": 1,
            "editable": true,
            "graphTooltip": 1,
            "timezone": "browser",
            "refresh": "10s",
            "time": { "from": "now-30m", "to": "now" },
            "links": [{
                "title": "ParcelTrack", "type": "dashboards", "tags": [TAG], "asDropdown": false, "includeVars": false, "keepTime": true,
            }],
            "templating": { "list": self.variables() },
            "annotations": { "list": [annotation()] },
            "panels": self.panels(),
        })
    }

    fn variables(&self) -> Vec<Value> {
        let runbooks = json!({
            "name": "runbooks",
            "label": "Runbooks at",
            "type": "textbox",
            "query": RUNBOOKS,
            "current": { "text": RUNBOOKS, "value": RUNBOOKS },
            "options": [{ "text": RUNBOOKS, "value": RUNBOOKS, "selected": true }],
        });
        self.pickers.iter().cloned().chain([runbooks]).collect()
    }

    fn panels(&self) -> Vec<Value> {
        let (mut panels, mut y) = (Vec::new(), 0);
        for (title, row) in &self.rows {
            let id = panels.len() + 1;
            panels.push(json!({
                "id": id, "type": "row", "title": title, "collapsed": false, "panels": [],
                "gridPos": { "x": 0, "y": y, "w": COLUMNS, "h": 1 },
            }));
            y += 1;
            let (mut x, mut highest) = (0, 0);
            for panel in row {
                let (w, h) = panel.size();
                if x + w > COLUMNS {
                    (x, y, highest) = (0, y + highest, 0);
                }
                panels.push(panel.json(panels.len() + 1, (x, y)));
                x += w;
                highest = highest.max(h);
            }
            y += highest;
        }
        panels
    }
}

/// Marks in every graph since when an alert has been firing.
fn annotation() -> Value {
    json!({
        "name": "Alerts",
        "enable": true,
        "iconColor": "red",
        "datasource": { "type": "prometheus", "uid": SOURCE },
        "expr": "ALERTS{alertstate=\"firing\"}",
        "titleFormat": "{{alertname}}",
        "textFormat": "{{severity}} {{service}} {{instance}} {{partition}}",
        "step": "30s",
    })
}
