//! One panel of a dashboard.

use serde_json::{Value, json};

/// Where panels ask: the name that Grafana's provisioning gives to Prometheus.
pub(crate) const SOURCE: &str = "prometheus";

/// What a panel's numbers are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Seconds of a latency or an age.
    Seconds,
    /// How many each second.
    PerSecond,
    /// How many.
    Count,
    /// Bytes.
    Bytes,
    /// A share between 0 and 1.
    Share,
    /// A number that stands for itself: an offset, a version.
    Plain,
    /// How many times as much as something else.
    Times,
}

impl Unit {
    /// As Grafana calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::PerSecond => "cps",
            Self::Count => "short",
            Self::Bytes => "bytes",
            Self::Share => "percentunit",
            Self::Plain => "none",
            Self::Times => "suffix:×",
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Graph,
    Stat,
}

/// A graph or a number, with the queries behind it.
#[derive(Clone, Debug)]
pub struct Panel {
    kind: Kind,
    title: &'static str,
    /// What it shows and what is right, in words; shown on hover.
    description: &'static str,
    unit: Unit,
    queries: Vec<(String, &'static str)>,
    stacked: bool,
    exemplars: bool,
    amber: Option<f64>,
    red: Option<f64>,
    runbooks: Vec<&'static str>,
}

impl Panel {
    /// Lines over time.
    pub fn graph(title: &'static str, unit: Unit, description: &'static str) -> Self {
        let (queries, runbooks) = (Vec::new(), Vec::new());
        Self {
            kind: Kind::Graph,
            title,
            description,
            unit,
            queries,
            stacked: false,
            exemplars: false,
            amber: None,
            red: None,
            runbooks,
        }
    }

    /// The number now, and a small line behind it.
    pub fn stat(title: &'static str, unit: Unit, description: &'static str) -> Self {
        Self { kind: Kind::Stat, ..Self::graph(title, unit, description) }
    }

    /// One more query, and how its lines are called: text, with labels in `{{}}`.
    #[must_use]
    pub fn query(mut self, query: impl Into<String>, legend: &'static str) -> Self {
        self.queries.push((query.into(), legend));
        self
    }

    /// Lines on top of each other: parts of a whole.
    #[must_use]
    pub fn stacked(mut self) -> Self {
        self.stacked = true;
        self
    }

    /// With dots that lead to the traces of single requests.
    #[must_use]
    pub fn exemplars(mut self) -> Self {
        self.exemplars = true;
        self
    }

    /// From where on it is worth a look.
    #[must_use]
    pub fn amber(mut self, from: f64) -> Self {
        self.amber = Some(from);
        self
    }

    /// From where on something is wrong.
    #[must_use]
    pub fn red(mut self, from: f64) -> Self {
        self.red = Some(from);
        self
    }

    /// The page of an alert that looks at the same numbers.
    #[must_use]
    pub fn runbook(mut self, alert: &'static str) -> Self {
        self.runbooks.push(alert);
        self
    }

    /// Columns of 24 and rows that it takes.
    pub(crate) fn size(&self) -> (u32, u32) {
        match self.kind {
            Kind::Graph => (8, 8),
            Kind::Stat => (4, 4),
        }
    }

    /// As Grafana reads it, with its number and its place.
    pub(crate) fn json(&self, id: usize, (x, y): (u32, u32)) -> Value {
        let (w, h) = self.size();
        let kind = match self.kind {
            Kind::Graph => "timeseries",
            Kind::Stat => "stat",
        };
        let links = self.runbooks.iter().map(|alert| {
            json!({ "title": format!("What to do: {alert}"), "url": format!("${{runbooks}}/{alert}"), "targetBlank": true })
        });
        json!({
            "id": id,
            "type": kind,
            "title": self.title,
            "description": self.description,
            "datasource": { "type": "prometheus", "uid": SOURCE },
            "gridPos": { "x": x, "y": y, "w": w, "h": h },
            "links": links.collect::<Vec<_>>(),
            "targets": self.queries.iter().enumerate().map(|(n, query)| self.target(n, query)).collect::<Vec<_>>(),
            "fieldConfig": { "defaults": self.field(), "overrides": [] },
            "options": self.options(),
        })
    }

    fn target(&self, n: usize, (query, legend): &(String, &'static str)) -> Value {
        let letter = char::from(b'A' + u8::try_from(n).unwrap_or(25));
        json!({
            "refId": letter.to_string(),
            "datasource": { "type": "prometheus", "uid": SOURCE },
            "expr": query,
            "legendFormat": legend,
            "exemplar": self.exemplars,
            "range": true,
        })
    }

    fn field(&self) -> Value {
        let mut steps = vec![json!({ "color": "green", "value": null })];
        steps.extend(self.amber.map(|value| json!({ "color": "orange", "value": value })));
        steps.extend(self.red.map(|value| json!({ "color": "red", "value": value })));
        let line = if steps.len() > 1 { "line" } else { "off" };
        let mut field = json!({
            "unit": self.unit.name(),
            "color": { "mode": if self.kind == Kind::Stat { "thresholds" } else { "palette-classic" } },
            "thresholds": { "mode": "absolute", "steps": steps },
        });
        if self.unit != Unit::Plain {
            field["min"] = 0.into();
        }
        if self.kind == Kind::Graph {
            field["custom"] = json!({
                "lineWidth": 1,
                "fillOpacity": if self.stacked { 30 } else { 8 },
                "showPoints": "never",
                "spanNulls": false,
                "stacking": { "mode": if self.stacked { "normal" } else { "none" }, "group": "A" },
                "thresholdsStyle": { "mode": line },
            });
        }
        field
    }

    fn options(&self) -> Value {
        match self.kind {
            Kind::Graph => json!({
                "legend": { "displayMode": "list", "placement": "bottom", "calcs": [], "showLegend": true },
                "tooltip": { "mode": "multi", "sort": "desc" },
            }),
            Kind::Stat => json!({
                "colorMode": "value",
                "graphMode": "area",
                "textMode": "auto",
                "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
            }),
        }
    }
}
