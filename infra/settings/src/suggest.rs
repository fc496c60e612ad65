//! The known name nearest to a mistyped one.

/// The candidate that takes the fewest edits, unless so many that it would only mislead.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let limit = (name.len() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (edits(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate.to_owned())
}

/// Levenshtein distance, one row at a time.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["kafka.bootstrap", "kafka.partitions", "cql.nodes"];
        assert_eq!(nearest("kafka.bootstraps", known).as_deref(), Some("kafka.bootstrap"));
        assert_eq!(nearest("kafka.partition", known).as_deref(), Some("kafka.partitions"));
        assert_eq!(nearest("cql.node", known).as_deref(), Some("cql.nodes"));
    }

    #[test]
    fn something_else_altogether_suggests_nothing() {
        assert_eq!(nearest("gateway.routes", ["kafka.bootstrap", "cql.nodes"]), None);
    }
}
