//! Numbers out of every role's own `/metrics`: counts, rates and latencies over the last seconds, kept in memory while somebody
//! looks.
//!
//! A counter that starts again from zero with its process is taken up from there, so that a restart is no dip. What is kept is
//! bounded: only [`WANTED`] metrics, of so many instances, over so many moments.

mod fetch;
mod follow;
mod metric;
mod text;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use service_registry::InstanceId;

pub(crate) use self::follow::Follow;
pub(crate) use self::metric::{Metric, Pick};
pub(crate) use self::text::{Sample, parse};

/// The time that rates and latencies are told of.
pub(crate) const WINDOW: Duration = Duration::from_secs(30);
/// Moments kept: the window at a look each two seconds, and one to begin with.
const MOMENTS: usize = 17;

/// A counter or gauge with its labels, of one service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) service: Arc<str>,
    pub(crate) name: Arc<str>,
    pub(crate) labels: BTreeMap<String, String>,
}

/// What all instances together say, and said a while ago.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures {
    /// The newest numbers, instance by instance.
    now: BTreeMap<InstanceId, BTreeMap<Series, f64>>,
    /// Instances that did not say their numbers when they were asked last.
    pub(crate) silent: BTreeSet<InstanceId>,
    /// How much each series went up since the first look, all instances together.
    risen: BTreeMap<Series, f64>,
    past: VecDeque<(Instant, Arc<BTreeMap<Series, f64>>)>,
}

/// One look at every instance: its numbers, or none where it did not say them.
pub(crate) type Look = BTreeMap<InstanceId, Option<Vec<Sample>>>;

impl Figures {
    /// Takes over a look.
    pub(crate) fn take(&mut self, at: Instant, look: Look) {
        self.now.retain(|instance, _| look.contains_key(instance));
        self.silent.clear();
        for (instance, samples) in look {
            let Some(samples) = samples else {
                self.silent.insert(instance);
                continue;
            };
            let service: Arc<str> = instance.service.as_str().into();
            let series = |sample: Sample| {
                let series =
                    Series { service: Arc::clone(&service), name: sample.name.into(), labels: sample.labels };
                (series, sample.value)
            };
            let now: BTreeMap<Series, f64> = samples.into_iter().map(series).collect();
            if let Some(before) = self.now.get(&instance) {
                for (series, value) in &now {
                    // From zero again where it is less: the process was started anew.
                    let since = before.get(series).copied().filter(|before| before <= value).unwrap_or(0.0);
                    *self.risen.entry(series.clone()).or_default() += value - since;
                }
            }
            self.now.insert(instance, now);
        }
        self.past.push_back((at, Arc::new(self.risen.clone())));
        while self.past.len() > MOMENTS {
            self.past.pop_front();
        }
    }

    /// Whether rates can be told: two looks were taken.
    pub(crate) fn has_rates(&self) -> bool {
        self.past.len() > 1
    }

    /// Whether anything was seen at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.past.is_empty()
    }

    /// The sum of a metric over instances, as it is now. For a counter that is since its processes were started.
    pub(crate) fn sum(&self, pick: &Pick<'_>) -> f64 {
        self.values(pick).sum()
    }

    /// The largest value of a metric; none where nobody has it.
    pub(crate) fn max(&self, pick: &Pick<'_>) -> Option<f64> {
        self.values(pick).reduce(f64::max)
    }

    /// Each instance's values of a metric.
    pub(crate) fn each<'f>(
        &'f self,
        pick: &'f Pick<'_>,
    ) -> impl Iterator<Item = (&'f InstanceId, &'f Series, f64)> {
        let all =
            self.now.iter().flat_map(|(id, all)| all.iter().map(move |(series, value)| (id, series, *value)));
        all.filter(move |(_, series, _)| pick.is(series))
    }

    /// The sums by the values of a label.
    pub(crate) fn sums_by(&self, pick: &Pick<'_>, label: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for (_, series, value) in self.each(pick) {
            if let Some(of) = series.labels.get(label) {
                *sums.entry(of.clone()).or_default() += value;
            }
        }
        sums
    }

    /// How much a counter goes up in a second, over the window; none until that can be told.
    pub(crate) fn rate(&self, pick: &Pick<'_>) -> Option<f64> {
        let (seconds, risen) = self.rise(pick)?;
        Some(risen.iter().map(|(_, rise)| rise).sum::<f64>() / seconds)
    }

    /// The same by the values of a label.
    pub(crate) fn rates_by(&self, pick: &Pick<'_>, label: &str) -> BTreeMap<String, f64> {
        let Some((seconds, risen)) = self.rise(pick) else { return BTreeMap::new() };
        let mut rates = BTreeMap::new();
        for (series, rise) in risen {
            if let Some(of) = series.labels.get(label) {
                *rates.entry(of.clone()).or_default() += rise / seconds;
            }
        }
        rates
    }

    /// Below which time this share of what a histogram counted in the window was; none where it counted nothing.
    pub(crate) fn quantile(&self, histogram: &Pick<'_>, share: f64) -> Option<Duration> {
        let (_, risen) = self.rise(&histogram.buckets())?;
        let mut buckets: BTreeMap<Bound, f64> = BTreeMap::new();
        for (series, rise) in risen {
            if let Some(bound) = series.labels.get("le").and_then(|bound| bound.parse().ok()) {
                *buckets.entry(Bound(bound)).or_default() += rise;
            }
        }
        within(&buckets, share)
    }

    fn values<'f>(&'f self, pick: &'f Pick<'_>) -> impl Iterator<Item = f64> + 'f {
        self.each(pick).map(|(_, _, value)| value)
    }

    /// Over how many seconds, and by how much each series went up.
    fn rise(&self, pick: &Pick<'_>) -> Option<(f64, Vec<(&Series, f64)>)> {
        let (now, _) = self.past.back()?;
        let (then, before) =
            self.past.iter().find(|(at, _)| now.duration_since(*at) <= WINDOW + Duration::from_secs(1))?;
        let seconds = now.duration_since(*then).as_secs_f64();
        if seconds < 0.5 {
            return None;
        }
        let picked = self.risen.iter().filter(|(series, _)| pick.is(series));
        Some((
            seconds,
            picked.map(|(series, total)| (series, total - before.get(series).unwrap_or(&0.0))).collect(),
        ))
    }
}

/// A time as metrics tell it: what is no time is none, what is too long for one is the longest.
pub(crate) fn seconds(number: f64) -> Duration {
    Duration::try_from_secs_f64(number.max(0.0)).unwrap_or(Duration::MAX)
}

/// A bucket's upper bound, which is never NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bound(f64);

impl Eq for Bound {}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// As Prometheus has it: evenly spread within a bucket, and never beyond the last bound that is a number.
fn within(buckets: &BTreeMap<Bound, f64>, share: f64) -> Option<Duration> {
    let all = *buckets.values().last()?;
    if all < 0.5 {
        return None;
    }
    let wanted = all * share;
    let (mut from, mut below) = (0.0, 0.0);
    for (bound, up_to) in buckets {
        if *up_to >= wanted {
            if bound.0.is_infinite() {
                return Some(seconds(from));
            }
            let part = if up_to > &below { (wanted - below) / (up_to - below) } else { 1.0 };
            return Some(seconds(from + (bound.0 - from) * part));
        }
        (from, below) = (bound.0, *up_to);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(instances: &[(&str, Option<&str>)]) -> Look {
        let of = |(id, text): &(&str, Option<&str>)| (id.parse().unwrap(), text.map(parse));
        instances.iter().map(of).collect()
    }

    const READS: Pick<'static> = Pick::of(Metric::Reads);

    fn whole(number: f64) -> i64 {
        number.round() as i64
    }

    fn millis(figures: &Figures, share: f64) -> Option<i64> {
        figures.quantile(&READS, share).map(|time| whole(time.as_secs_f64() * 1_000.0))
    }

    fn reads(count: u64) -> String {
        format!("parceltrack_query_api_read_seconds_count{{kind=\"row\"}} {count}\n")
    }

    #[test]
    fn rates_are_summed_over_instances_and_a_restart_is_no_dip() {
        let (mut figures, begun) = (Figures::default(), Instant::now());
        let (a, b) = ("query-api/a:1", "query-api/b:1");
        assert!(figures.is_empty() && figures.rate(&READS.count()).is_none());
        figures.take(begun, look(&[(a, Some(&reads(100))), (b, Some(&reads(50)))]));
        assert!(!figures.has_rates() && figures.rate(&READS.count()).is_none());
        figures.take(begun + Duration::from_secs(2), look(&[(a, Some(&reads(120))), (b, Some(&reads(60)))]));
        assert_eq!(figures.rate(&READS.count()).map(whole), Some(15));
        // One was started again, the other doesn't answer.
        figures.take(begun + Duration::from_secs(4), look(&[(a, Some(&reads(10))), (b, None)]));
        assert_eq!(figures.rate(&READS.count()).map(whole), Some(10));
        assert_eq!(whole(figures.sum(&READS.count())), 70, "what was known last of the silent one counts on");
        assert_eq!(figures.silent.len(), 1);
        figures.take(begun + Duration::from_secs(6), look(&[(a, Some(&reads(10)))]));
        assert_eq!(whole(figures.sum(&READS.count())), 10, "who has left does not");
        assert_eq!(figures.rates_by(&READS.count(), "kind").len(), 1);
    }

    #[test]
    fn any_number_is_some_time() {
        for (number, time) in [
            (1.5, Duration::from_millis(1_500)),
            (-1.0, Duration::ZERO),
            (f64::NAN, Duration::ZERO),
            (1e300, Duration::MAX),
            (f64::INFINITY, Duration::MAX),
        ] {
            assert_eq!(seconds(number), time, "{number}");
        }
    }

    #[test]
    fn the_window_slides() {
        let (mut figures, begun) = (Figures::default(), Instant::now());
        for step in 0..60u64 {
            // Ten a second for a minute, then nothing.
            let count = if step < 30 { step * 20 } else { 600 };
            figures
                .take(begun + Duration::from_secs(2 * step), look(&[("query-api/a:1", Some(&reads(count)))]));
        }
        assert_eq!(figures.rate(&READS.count()).map(whole), Some(0));
        assert!(figures.past.len() <= MOMENTS);
    }

    #[test]
    fn quantiles_are_those_of_the_window() {
        let (mut figures, begun) = (Figures::default(), Instant::now());
        let buckets = |a: u64, b: u64, c: u64| {
            let line = |le: &str, n: u64| {
                format!("parceltrack_query_api_read_seconds_bucket{{kind=\"row\",le=\"{le}\"}} {n}\n")
            };
            [line("0.01", a), line("0.1", b), line("+Inf", c)].concat()
        };
        figures.take(begun, look(&[("query-api/a:1", Some(&buckets(1_000, 1_000, 1_000)))]));
        assert_eq!(millis(&figures, 0.5), None, "nothing was counted yet");
        figures.take(
            begun + Duration::from_secs(2),
            look(&[("query-api/a:1", Some(&buckets(1_050, 1_100, 1_100)))]),
        );
        assert_eq!(millis(&figures, 0.5), Some(10));
        assert_eq!(millis(&figures, 0.75), Some(55));
        figures.take(
            begun + Duration::from_secs(4),
            look(&[("query-api/a:1", Some(&buckets(1_050, 1_100, 2_000)))]),
        );
        assert_eq!(millis(&figures, 0.99), Some(100), "beyond the last bound");
    }
}
