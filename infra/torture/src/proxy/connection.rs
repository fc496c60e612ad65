//! One connection through the proxy.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{broadcast, watch};

use super::frame::{Request, answers};
use super::rules::{Rules, Verdict};

/// Far above any request or answer of this system.
const LARGEST: usize = 64 * 1024 * 1024;
/// Between the record that a zombie is to meet and the zombie.
const BEFORE_THE_ZOMBIE: Duration = Duration::from_millis(40);
/// How long a request is kept for the producer's next transaction.
const KEPT: Duration = Duration::from_secs(60);

/// The answers that must not arrive.
type Unwanted = Arc<Mutex<HashSet<i32>>>;

/// How the requests of a connection ended.
enum Ended {
    Closed,
    /// With one that is kept, and the way to the broker.
    Kept(Vec<u8>, OwnedWriteHalf, watch::Receiver<bool>),
}

/// Passes requests and answers until either side closes, or a rule does.
pub(super) async fn pass(client: TcpStream, (id, broker): (u8, TcpStream), rules: Rules) -> io::Result<()> {
    client.set_nodelay(true)?;
    broker.set_nodelay(true)?;
    let ((from_client, to_client), (from_broker, to_broker)) = (client.into_split(), broker.into_split());
    let (unwanted, name) = (Unwanted::default(), Arc::new(OnceLock::new()));
    let cuts = rules.cuts();
    let ended = tokio::select! {
        ended = requests(from_client, (id, to_broker), &rules, &unwanted, &name) => ended?,
        ended = backwards(from_broker, to_client, &unwanted) => return ended,
        () = cut(cuts, &name) => return Ok(()),
    };
    if let Ended::Kept(frame, to_broker, released) = ended {
        tokio::spawn(later(frame, to_broker, released));
    }
    Ok(())
}

async fn requests(
    from: OwnedReadHalf,
    (broker, mut to): (u8, OwnedWriteHalf),
    rules: &Rules,
    unwanted: &Unwanted,
    name: &OnceLock<String>,
) -> io::Result<Ended> {
    let mut from = BufReader::new(from);
    while let Some(frame) = read(&mut from).await? {
        let Some(request) = Request::parse(&frame[4..]) else {
            to.write_all(&frame).await?;
            continue;
        };
        name.get_or_init(|| request.client.to_owned());
        match rules.judge(&request, broker) {
            Verdict::Pass => to.write_all(&frame).await?,
            Verdict::Wait(how_long) => {
                tokio::time::sleep(how_long).await;
                to.write_all(&frame).await?;
            }
            Verdict::Cut => return Ok(Ended::Closed),
            Verdict::LoseAnswer => {
                unwanted.lock().unwrap_or_else(PoisonError::into_inner).insert(request.correlation);
                to.write_all(&frame).await?;
            }
            Verdict::Keep(released) => return Ok(Ended::Kept(frame, to, released)),
            Verdict::PassAndRelease(release) => {
                to.write_all(&frame).await?;
                tokio::time::sleep(BEFORE_THE_ZOMBIE).await;
                // Who kept it may have given it up.
                let _ = release.send(true);
            }
        }
    }
    Ok(Ended::Closed)
}

async fn backwards(from: OwnedReadHalf, mut to: OwnedWriteHalf, unwanted: &Unwanted) -> io::Result<()> {
    let mut from = BufReader::new(from);
    while let Some(frame) = read(&mut from).await? {
        let lost = answers(&frame[4..]).is_some_and(|correlation| {
            unwanted.lock().unwrap_or_else(PoisonError::into_inner).contains(&correlation)
        });
        if lost {
            return Ok(());
        }
        to.write_all(&frame).await?;
    }
    Ok(())
}

/// Returns when somebody wants connections of this client closed.
async fn cut(mut cuts: broadcast::Receiver<String>, name: &OnceLock<String>) {
    loop {
        match cuts.recv().await {
            Ok(client) if name.get().is_some_and(|name| name.starts_with(&client)) => return,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Brings a request that was kept, once it is released. Its client has long given up on this connection.
async fn later(frame: Vec<u8>, mut to: OwnedWriteHalf, mut released: watch::Receiver<bool>) {
    let wait = released.wait_for(|released| *released);
    if tokio::time::timeout(KEPT, wait).await.is_ok_and(|released| released.is_ok()) {
        let _ = to.write_all(&frame).await;
        // The broker reads it before it sees the end.
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// The next frame, its length in front; none at the end.
async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let length = match from.read_i32().await {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let bytes = usize::try_from(length).ok().filter(|bytes| *bytes <= LARGEST);
    let bytes = bytes.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not Kafka's protocol"))?;
    let mut frame = vec![0; 4 + bytes];
    frame[..4].copy_from_slice(&length.to_be_bytes());
    from.read_exact(&mut frame[4..]).await?;
    Ok(Some(frame))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::TcpListener;

    use super::super::{Action, Api, Rule};
    use super::*;

    /// A client's end and a broker's end, with the proxy between them.
    async fn through(rules: &Rules) -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let at = listener.local_addr().unwrap();
        let connect = async || {
            let (connected, accepted) = tokio::join!(TcpStream::connect(at), listener.accept());
            (connected.unwrap(), accepted.unwrap().0)
        };
        let ((client, inner), (outer, broker)) = (connect().await, connect().await);
        tokio::spawn(pass(inner, (1, outer), rules.clone()));
        (client, broker)
    }

    fn frame(api: i16, correlation: i32, id: &str) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend(api.to_be_bytes());
        body.extend(1_i16.to_be_bytes());
        body.extend(correlation.to_be_bytes());
        for text in ["handler.a", id] {
            body.extend((text.len() as i16).to_be_bytes());
            body.extend(text.as_bytes());
        }
        [&(body.len() as i32).to_be_bytes()[..], &body].concat()
    }

    fn rule(api: Api, action: Action) -> Rule {
        Rule { api, client: "handler.a".to_owned(), broker: None, action, times: 1 }
    }

    async fn correlation(stream: &mut TcpStream) -> Option<i32> {
        let frame = read(stream).await.ok().flatten()?;
        Request::parse(&frame[4..]).map(|request| request.correlation)
    }

    #[tokio::test]
    async fn requests_and_answers_pass_as_they_are() {
        let (mut client, mut broker) = through(&Rules::default()).await;
        client.write_all(&frame(26, 5, "a.0.1")).await.unwrap();
        assert_eq!(read(&mut broker).await.unwrap().unwrap(), frame(26, 5, "a.0.1"));
        broker.write_all(&[0, 0, 0, 5, 0, 0, 0, 5, 9]).await.unwrap();
        assert_eq!(read(&mut client).await.unwrap().unwrap(), [0, 0, 0, 5, 0, 0, 0, 5, 9]);
    }

    #[tokio::test]
    async fn a_request_that_is_cut_does_not_arrive() {
        let rules = Rules::default();
        rules.add(rule(Api::EndTxn, Action::Cut));
        let (mut client, mut broker) = through(&rules).await;
        client.write_all(&frame(26, 5, "a.0.1")).await.unwrap();
        assert_eq!(correlation(&mut broker).await, None);
        assert!(read(&mut client).await.unwrap_or(None).is_none());
    }

    #[tokio::test]
    async fn an_answer_that_is_lost_closes_the_connection_after_the_request_has_arrived() {
        let rules = Rules::default();
        rules.add(rule(Api::EndTxn, Action::LoseAnswer));
        let (mut client, mut broker) = through(&rules).await;
        client.write_all(&frame(26, 5, "a.0.1")).await.unwrap();
        assert_eq!(correlation(&mut broker).await, Some(5));
        broker.write_all(&[0, 0, 0, 4, 0, 0, 0, 5]).await.unwrap();
        assert!(read(&mut client).await.unwrap_or(None).is_none());
    }

    #[tokio::test]
    async fn a_zombie_arrives_behind_the_next_record_of_its_producer() {
        let rules = Rules::default();
        rules.add(rule(Api::EndTxn, Action::Zombie));
        let (mut client, mut first) = through(&rules).await;
        client.write_all(&frame(26, 5, "a.0.1")).await.unwrap();
        assert!(read(&mut client).await.unwrap_or(None).is_none(), "the client's side is closed");

        let (mut again, mut second) = through(&rules).await;
        again.write_all(&frame(26, 6, "a.0.1")).await.unwrap();
        assert_eq!(correlation(&mut second).await, Some(6), "the same request again passes");
        again.write_all(&frame(0, 7, "a.0.1")).await.unwrap();
        assert_eq!(correlation(&mut second).await, Some(7));
        assert_eq!(correlation(&mut first).await, Some(5), "and now the one that was kept");
    }

    #[tokio::test]
    async fn connections_of_one_client_can_be_closed() {
        let rules = Rules::default();
        let (mut client, mut broker) = through(&rules).await;
        client.write_all(&frame(3, 1, "")).await.unwrap();
        assert_eq!(correlation(&mut broker).await, Some(1));
        rules.cut("handler.b");
        client.write_all(&frame(3, 2, "")).await.unwrap();
        assert_eq!(correlation(&mut broker).await, Some(2));
        rules.cut("handler.a");
        assert_eq!(correlation(&mut broker).await, None);
    }
}
