//! The few requests of Kafka's protocol that the stack itself needs: who is in the cluster, who leads and who
//! coordinates, and create a topic. All in versions without tagged fields, which every broker since 2.0
//! speaks. This crate must not name rdkafka, and starting a JVM for each question would take a second.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const METADATA: i16 = 3;
const FIND_COORDINATOR: i16 = 10;
const CREATE_TOPICS: i16 = 19;
const LIMIT: Duration = Duration::from_secs(5);
/// Far above any answer to these two requests.
const LARGEST_ANSWER: usize = 4 * 1024 * 1024;

/// A topic to be created.
pub(crate) struct NewTopic<'a> {
    pub(crate) name: &'a str,
    pub(crate) partitions: i32,
    pub(crate) replication: i16,
    pub(crate) configs: &'a [(&'a str, &'a str)],
}

/// What a broker said to a request to create a topic.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Created {
    /// It is there: new, or as it was.
    There,
    /// Not now: the cluster is still forming.
    Later(i16),
    /// No, with the protocol's code and the broker's words.
    Refused(i16, String),
}

/// The ids of the brokers that are up.
pub(crate) async fn brokers(address: &str) -> io::Result<Vec<i32>> {
    let mut body = Vec::new();
    // An empty list asks for no topics, only for the brokers.
    body.extend(0_i32.to_be_bytes());
    let answer = ask(address, METADATA, 1, &body).await?;
    let mut answer = Reader(&answer);
    let count = answer.i32()?;
    (0..count)
        .map(|_| {
            let id = answer.i32()?;
            answer.text()?;
            answer.i32()?;
            answer.text()?;
            Ok(id)
        })
        .collect()
}

/// The id of the broker that coordinates a group (`kind` 0) or a transactional id (1); none while nobody does.
pub(crate) async fn coordinator(address: &str, kind: i8, key: &str) -> io::Result<Option<i32>> {
    let mut body = Vec::new();
    put_text(&mut body, key);
    body.extend(kind.to_be_bytes());
    let answer = ask(address, FIND_COORDINATOR, 1, &body).await?;
    let mut answer = Reader(&answer);
    let (_throttle, code) = (answer.i32()?, answer.i16()?);
    answer.text()?;
    let node = answer.i32()?;
    Ok((code == 0).then_some(node))
}

/// The id of the broker that leads a partition; none while nobody does.
pub(crate) async fn leader(address: &str, topic: &str, partition: i32) -> io::Result<Option<i32>> {
    let mut body = Vec::new();
    body.extend(1_i32.to_be_bytes());
    put_text(&mut body, topic);
    let answer = ask(address, METADATA, 1, &body).await?;
    let mut answer = Reader(&answer);
    for _ in 0..answer.i32()? {
        let (_id, _host, _port, _rack) = (answer.i32()?, answer.text()?, answer.i32()?, answer.text()?);
    }
    let (_controller, _topics) = (answer.i32()?, answer.i32()?);
    let (_code, _name, _internal) = (answer.i16()?, answer.text()?, answer.take::<1>()?);
    let mut leader = None;
    for _ in 0..answer.i32()? {
        let (code, number, leads) = (answer.i16()?, answer.i32()?, answer.i32()?);
        for _copies_and_those_in_sync in 0..2 {
            for _ in 0..answer.i32()? {
                answer.i32()?;
            }
        }
        if number == partition && code == 0 && leads >= 0 {
            leader = Some(leads);
        }
    }
    Ok(leader)
}

/// Creates a topic unless it exists.
pub(crate) async fn create_topic(address: &str, topic: &NewTopic<'_>) -> io::Result<Created> {
    let mut body = Vec::new();
    body.extend(1_i32.to_be_bytes());
    put_text(&mut body, topic.name);
    body.extend(topic.partitions.to_be_bytes());
    body.extend(topic.replication.to_be_bytes());
    body.extend(0_i32.to_be_bytes());
    body.extend((topic.configs.len() as i32).to_be_bytes());
    for (name, value) in topic.configs {
        put_text(&mut body, name);
        put_text(&mut body, value);
    }
    body.extend((LIMIT.as_millis() as i32).to_be_bytes());
    body.push(0);
    let answer = ask(address, CREATE_TOPICS, 2, &body).await?;
    let mut answer = Reader(&answer);
    let (_throttle, _count, _name) = (answer.i32()?, answer.i32()?, answer.text()?);
    Ok(outcome(answer.i16()?, answer.text()?.unwrap_or_default()))
}

fn outcome(code: i16, text: String) -> Created {
    const ALREADY_EXISTS: i16 = 36;
    // No leader, timed out, coordinator not there, not the controller, too few brokers, stale epoch.
    const PASSING: [i16; 7] = [-1, 5, 7, 15, 38, 41, 77];
    match code {
        0 | ALREADY_EXISTS => Created::There,
        code if PASSING.contains(&code) => Created::Later(code),
        code => Created::Refused(code, text),
    }
}

async fn ask(address: &str, api: i16, version: i16, body: &[u8]) -> io::Result<Vec<u8>> {
    timeout(LIMIT, exchange(address, api, version, body)).await?
}

async fn exchange(address: &str, api: i16, version: i16, body: &[u8]) -> io::Result<Vec<u8>> {
    const CORRELATION: i32 = 1;
    let mut request = Vec::with_capacity(body.len() + 64);
    request.extend(api.to_be_bytes());
    request.extend(version.to_be_bytes());
    request.extend(CORRELATION.to_be_bytes());
    put_text(&mut request, "parceltrack-local-stack");
    request.extend(body);

    let mut stream = TcpStream::connect(address).await?;
    stream.write_i32(request.len() as i32).await?;
    stream.write_all(&request).await?;
    let length = usize::try_from(stream.read_i32().await?).unwrap_or(usize::MAX);
    if !(4..=LARGEST_ANSWER).contains(&length) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "not a Kafka broker's answer"));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await?;
    Ok(answer.split_off(4))
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as i16).to_be_bytes());
    out.extend(text.as_bytes());
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(io::ErrorKind::UnexpectedEof)?;
        self.0 = rest;
        Ok(*head)
    }

    fn i16(&mut self) -> io::Result<i16> {
        self.take().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> io::Result<i32> {
        self.take().map(i32::from_be_bytes)
    }

    /// A length of -1 is null.
    fn text(&mut self) -> io::Result<Option<String>> {
        let Ok(length) = usize::try_from(self.i16()?) else { return Ok(None) };
        let (head, rest) = self.0.split_at_checked(length).ok_or(io::ErrorKind::UnexpectedEof)?;
        self.0 = rest;
        Ok(Some(String::from_utf8_lossy(head).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_by_what_to_do() {
        assert_eq!(outcome(0, String::new()), Created::There);
        assert_eq!(outcome(36, "exists".into()), Created::There);
        assert_eq!(outcome(41, String::new()), Created::Later(41));
        assert_eq!(outcome(40, "bad config".into()), Created::Refused(40, "bad config".into()));
    }

    #[test]
    fn a_cut_answer_is_an_error_and_null_is_none() {
        assert!(Reader(&[0, 5, b'a']).text().is_err());
        assert_eq!(Reader(&[0xff, 0xff]).text().expect("null"), None);
        assert!(Reader(&[0, 0]).i32().is_err());
    }
}
