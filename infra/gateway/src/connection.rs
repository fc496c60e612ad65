//! A connection as Pingora wants it, whose first bytes are read by us, and then handed to Pingora.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Buf, BytesMut};
use memchr::memmem;
use pingora_core::protocols::raw_connect::ProxyDigest;
use pingora_core::protocols::{
    ALPN, GetProxyDigest, GetSocketDigest, GetTimingDigest, Peek, Shutdown, SocketDigest, Ssl, TimingDigest,
    UniqueID, UniqueIDType,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, sleep_until, timeout, timeout_at};
use tokio_openssl::SslStream;
use tokio_util::io::poll_read_buf;

use crate::head::{self, Fault};

/// Bytes that are read at once while a head is read.
const CHUNK: usize = 4 * 1024;

/// So many bytes of an answer are gathered at most; larger pieces are sent as they come.
const GATHERED: usize = 16 * 1024;

/// What an answer's head and body have together, mostly.
const USUAL: usize = 2 * 1024;

/// How long a caller is listened to that was refused, so that it reads why before the connection is reset.
const FAREWELL: Duration = Duration::from_millis(500);

/// What is below HTTP.
#[derive(Debug)]
enum Wire {
    Plain(TcpStream),
    Tls(Box<SslStream<TcpStream>>),
}

/// How long and large a head may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeadLimits {
    pub(crate) bytes: usize,
    /// From its first byte to its last.
    pub(crate) time: Duration,
    /// Until its first byte.
    pub(crate) idle: Duration,
}

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// A whole head, to be taken.
    Head,
    /// A client that speaks HTTP/2, to be read again.
    Http2,
    /// Nothing: the caller is gone, or was silent too long.
    Nothing,
    /// Something that is refused.
    Fault(Fault),
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    wire: Wire,
    peer: SocketAddr,
    /// What was read, and will be taken, or read again.
    again: BytesMut,
    /// What was written, and goes out with what follows: Pingora writes an answer's head and body one after the other and then
    /// asks for both to be sent, and a caller who was sent the head alone would be woken for it.
    gathered: BytesMut,
    http2: bool,
    /// How long nothing that is sent may be taken.
    patience: Duration,
    /// Runs while nothing is.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Runs while nothing comes. It goes on from one request to the next, and where it ends too early, it is set anew: to begin
    /// and end one for each request would cost more than the head.
    silent: Option<Pin<Box<Sleep>>>,
}

impl Connection {
    /// Given up where nothing is taken of what is sent for as long as `patience`: Pingora sees to that for bodies alone.
    pub(crate) fn plain(stream: TcpStream, peer: SocketAddr, patience: Duration) -> Self {
        Self::over(Wire::Plain(stream), peer, patience)
    }

    /// The same with TLS.
    pub(crate) fn tls(stream: SslStream<TcpStream>, peer: SocketAddr, patience: Duration) -> Self {
        Self::over(Wire::Tls(Box::new(stream)), peer, patience)
    }

    fn over(wire: Wire, peer: SocketAddr, patience: Duration) -> Self {
        let (again, gathered) = (BytesMut::new(), BytesMut::new());
        Self { wire, peer, again, gathered, http2: false, patience, stalled: None, silent: None }
    }

    /// Waits for a head, and leaves it to be read again.
    pub(crate) async fn head(&mut self, limits: HeadLimits) -> Came {
        if self.again.is_empty() {
            let until = Instant::now() + limits.idle;
            match poll_fn(|cx| self.poll_first(cx, until)).await {
                Ok(1..) => {}
                _ => return Came::Nothing,
            }
        }
        let until = Instant::now() + limits.time;
        let mut searched = 0_usize;
        loop {
            // Some clients send an empty line after a body; it belongs to nothing (RFC 9112, section 2.2).
            while searched == 0 && self.again.starts_with(b"\r\n") {
                let _ = self.again.split_to(2);
            }
            let from = searched.saturating_sub(head::END.len() - 1);
            let end = memmem::find(&self.again[from..], head::END);
            if let Some(end) = end {
                let length = from + end + head::END.len();
                let begins_like_http2 = head::PREFACE.starts_with(&self.again[..length]);
                return if begins_like_http2 {
                    self.preface(until).await
                } else {
                    self.judge(length, limits)
                };
            }
            if self.again.len() > limits.bytes {
                return Came::Fault(Fault::TooLarge);
            }
            searched = self.again.len();
            match timeout_at(until, self.more()).await {
                Ok(Ok(1..)) => {}
                Ok(_) => return Came::Nothing,
                Err(_) => return Came::Fault(Fault::TooSlow),
            }
        }
    }

    fn judge(&self, length: usize, limits: HeadLimits) -> Came {
        if length > limits.bytes {
            return Came::Fault(Fault::TooLarge);
        }
        head::fault(&self.again[..length]).map_or(Came::Head, Came::Fault)
    }

    /// What began like it must be all of it, and in time: whoever reads it next waits without end.
    async fn preface(&mut self, until: Instant) -> Came {
        while self.again.len() < head::PREFACE.len() {
            match timeout_at(until, self.more()).await {
                Ok(Ok(1..)) => {}
                Ok(_) => return Came::Nothing,
                Err(_) => return Came::Fault(Fault::TooSlow),
            }
        }
        self.http2 = self.again.starts_with(head::PREFACE);
        if self.http2 {
            Came::Http2
        } else {
            Came::Fault(Fault::Malformed("this begins like HTTP/2, and isn't"))
        }
    }

    /// Everything that was read to find the head: for whoever reads it, together with what follows.
    pub(crate) fn take_head(&mut self) -> BytesMut {
        std::mem::take(&mut self.again)
    }

    /// Reads the first of what comes next; nothing, when nothing came until then.
    fn poll_first(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<io::Result<usize>> {
        self.again.reserve(CHUNK);
        if let Poll::Ready(read) = poll_read_buf(self.wire.both(), cx, &mut self.again) {
            return Poll::Ready(read);
        }
        // An idle connection holds no buffer.
        self.again = BytesMut::new();
        let silent = self.silent.get_or_insert_with(|| Box::pin(sleep_until(until)));
        loop {
            ready!(silent.as_mut().poll(cx));
            if silent.deadline() >= until {
                return Poll::Ready(Ok(0));
            }
            silent.as_mut().reset(until);
        }
    }

    /// Reads what comes next to what was read before.
    async fn more(&mut self) -> io::Result<usize> {
        self.again.reserve(CHUNK);
        match &mut self.wire {
            Wire::Plain(stream) => stream.read_buf(&mut self.again).await,
            Wire::Tls(stream) => stream.read_buf(&mut self.again).await,
        }
    }

    /// Says something, and ends the connection.
    pub(crate) async fn say_farewell(mut self, answer: &[u8]) {
        let farewell = async {
            self.write_all(answer).await?;
            AsyncWriteExt::shutdown(&mut self).await?;
            self.again.clear();
            while self.more().await? > 0 {
                self.again.clear();
            }
            io::Result::Ok(())
        };
        let _ = timeout(FAREWELL, farewell).await;
    }

    fn socket(&self) -> &TcpStream {
        match &self.wire {
            Wire::Plain(stream) => stream,
            Wire::Tls(stream) => stream.get_ref(),
        }
    }

    /// Sends what was gathered.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.gathered.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.gathered.is_empty() {
            let Self { wire, gathered, .. } = self;
            let sent = wire.both().poll_write(cx, gathered);
            let sent = ready!(self.in_time(cx, sent))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.gathered.advance(sent);
        }
        // An idle connection holds no buffer.
        self.gathered = BytesMut::new();
        Poll::Ready(Ok(()))
    }

    fn wire(&mut self) -> Pin<&mut dyn Both> {
        self.wire.both()
    }

    /// What came of sending, which fails once it has stood still for too long.
    fn in_time<T>(&mut self, cx: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.stalled = None;
            return sent;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        stalled.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Wire {
    fn both(&mut self) -> Pin<&mut dyn Both> {
        match self {
            Self::Plain(stream) => Pin::new(stream as &mut dyn Both),
            Self::Tls(stream) => Pin::new(&mut **stream as &mut dyn Both),
        }
    }
}

trait Both: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Both for T {}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.again.is_empty() {
            // Who answers bit by bit may take its time, and the caller is not to wait for what is there already.
            if let Poll::Ready(Err(error)) = self.poll_send(cx) {
                return Poll::Ready(Err(error));
            }
            return self.wire().poll_read(cx, buf);
        }
        let count = self.again.len().min(buf.remaining());
        buf.put_slice(&self.again.split_to(count));
        if self.again.is_empty() {
            // An idle connection holds no buffer.
            self.again = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.gathered.len() + buf.len() > GATHERED {
            ready!(self.poll_send(cx))?;
            if buf.len() > GATHERED {
                let sent = self.wire().poll_write(cx, buf);
                return self.in_time(cx, sent);
            }
        }
        if self.gathered.is_empty() {
            self.gathered.reserve(USUAL.max(buf.len()));
        }
        self.gathered.extend_from_slice(buf);
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        let sent = self.wire().poll_flush(cx);
        self.in_time(cx, sent)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        let sent = self.wire().poll_shutdown(cx);
        self.in_time(cx, sent)
    }
}

#[async_trait]
impl Shutdown for Connection {
    async fn shutdown(&mut self) {
        let _ = AsyncWriteExt::shutdown(self).await;
    }
}

impl UniqueID for Connection {
    fn id(&self) -> UniqueIDType {
        self.socket().as_raw_fd()
    }
}

impl Ssl for Connection {
    fn selected_alpn_proto(&self) -> Option<ALPN> {
        Some(if self.http2 { ALPN::H2 } else { ALPN::H1 })
    }
}

impl GetTimingDigest for Connection {
    fn get_timing_digest(&self) -> Vec<Option<TimingDigest>> {
        Vec::new()
    }
}

impl GetProxyDigest for Connection {
    fn get_proxy_digest(&self) -> Option<Arc<ProxyDigest>> {
        None
    }
}

impl GetSocketDigest for Connection {
    fn get_socket_digest(&self) -> Option<Arc<SocketDigest>> {
        let digest = SocketDigest::from_raw_fd(self.socket().as_raw_fd());
        // Known already, and by then the socket may be another's.
        let _ = digest.peer_addr.set(Some(pingora_core::protocols::l4::socket::SocketAddr::Inet(self.peer)));
        Some(Arc::new(digest))
    }
}

impl Peek for Connection {}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let caller = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, peer) = listener.accept().await.unwrap();
        (Connection::plain(stream, peer, Duration::from_secs(1)), caller)
    }

    async fn send_on(connection: &mut Connection, piece: &[u8]) -> io::Result<()> {
        loop {
            connection.write_all(piece).await?;
            connection.flush().await?;
        }
    }

    #[tokio::test]
    async fn who_takes_nothing_of_what_is_sent_is_given_up() {
        for length in [1_000, GATHERED + 1] {
            let (mut connection, _silent) = pair().await;
            let piece = vec![b'x'; length];
            let sending = send_on(&mut connection, &piece);
            let ended = timeout(Duration::from_secs(20), sending).await.expect("in time");
            assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::TimedOut, "{length}");
        }
    }

    #[tokio::test]
    async fn who_is_silent_is_waited_for_from_the_request_before_on() {
        let (mut connection, mut caller) = pair().await;
        let millis = Duration::from_millis;
        let limits = HeadLimits { bytes: 1_024, time: millis(1_000), idle: millis(200) };
        for _request in 0..3 {
            let (came, sent) = tokio::join!(connection.head(limits), async {
                tokio::time::sleep(millis(120)).await;
                caller.write_all(b"GET / HTTP/1.1\r\n\r\n").await
            });
            sent.unwrap();
            assert_eq!(came, Came::Head);
            assert_eq!(connection.take_head().len(), 18);
        }
        let before = Instant::now();
        assert_eq!(connection.head(limits).await, Came::Nothing);
        assert!(before.elapsed() >= millis(200));
        assert_eq!(connection.again.capacity(), 0, "an idle connection holds no buffer");
    }

    #[tokio::test]
    async fn a_head_whose_body_is_late_is_sent_while_it_is_waited_for() {
        let (mut connection, mut caller) = pair().await;
        connection.write_all(b"head").await.unwrap();
        let mut all = [0; 64];
        let mut more = [0; 1];
        let (waited, read) = tokio::join!(
            timeout(Duration::from_millis(100), connection.read(&mut more)),
            caller.read(&mut all)
        );
        assert!(waited.is_err(), "the caller says nothing");
        assert_eq!(&all[..read.unwrap()], b"head");
    }

    #[tokio::test]
    async fn a_head_waits_for_its_body_and_both_arrive_at_once() {
        let (mut connection, mut caller) = pair().await;
        let mut all = [0; 64];
        connection.write_all(b"head").await.unwrap();
        assert!(timeout(Duration::from_millis(100), caller.read(&mut all)).await.is_err(), "nothing yet");
        connection.write_all(b" and body").await.unwrap();
        connection.flush().await.unwrap();
        let read = caller.read(&mut all).await.unwrap();
        assert_eq!(&all[..read], b"head and body");
        assert_eq!(connection.gathered.capacity(), 0, "an idle connection holds no buffer");
    }

    #[tokio::test]
    async fn large_answers_arrive_whole_and_in_order_also_at_the_end() {
        let (mut connection, mut caller) = pair().await;
        let pieces: Vec<Vec<u8>> = (0..200_u8).map(|n| vec![n; usize::from(n) * 300]).collect();
        let sent = pieces.concat();
        let writing = async move {
            for piece in &pieces {
                connection.write_all(piece).await.unwrap();
            }
            AsyncWriteExt::shutdown(&mut connection).await.unwrap();
        };
        let mut all = Vec::new();
        let ((), read) = tokio::join!(writing, caller.read_to_end(&mut all));
        read.unwrap();
        assert!(all == sent);
    }
}
