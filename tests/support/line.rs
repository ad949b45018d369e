//! A line between a console and an engine that does not do what lines should: it cuts answers,
//! hangs, lets somebody else answer; or it is slow, and counts what goes through it.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::broadcast,
    time::{MissedTickBehavior, interval},
};

/// What somebody answers who is no engine.
const PAGE: &str = "<html><body><h1>502 Bad Gateway</h1></body></html>";

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// What should.
    Fine,
    /// It is never passed on, and the line is cut.
    CutsQuestion,
    /// It is passed on, and the line is cut before the answer.
    CutsAnswer,
    /// It is passed on, and the line is cut within the answer.
    HalvesAnswer,
    /// It is passed on, and there is never an answer.
    Hangs,
    /// It is never passed on, and somebody else answers.
    Page,
    /// It is passed on, and somebody else answers all the same.
    PageAfter,
}

/// A line with moods; clones are the same one.
#[derive(Clone)]
pub struct Line {
    /// Where it begins.
    pub at: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    to: SocketAddr,
    moods: Mutex<VecDeque<Mood>>,
    fired: AtomicUsize,
    streams: AtomicUsize,
    cut: broadcast::Sender<()>,
}

impl Line {
    /// Opens a line to an engine.
    pub async fn open(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let line = Self {
            at: listener.local_addr().expect("an address"),
            shared: Arc::new(Shared {
                to,
                moods: Mutex::default(),
                fired: AtomicUsize::new(0),
                streams: AtomicUsize::new(0),
                cut: broadcast::channel(1).0,
            }),
        };
        let shared = Arc::clone(&line.shared);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                tokio::spawn(async move { drop(shared.serve(stream).await) });
            }
        });
        line
    }

    fn moods(&self) -> MutexGuard<'_, VecDeque<Mood>> {
        let moods = self.shared.moods.lock();
        moods.unwrap_or_else(PoisonError::into_inner)
    }

    /// What becomes of the next questions, in order; of streams of events nothing does.
    pub fn will(&self, moods: impl IntoIterator<Item = Mood>) {
        self.moods().extend(moods);
    }

    /// From now on nothing becomes of them.
    pub fn mends(&self) {
        self.moods().clear();
    }

    /// How many questions something became of.
    pub fn fired(&self) -> usize {
        self.shared.fired.load(Ordering::SeqCst)
    }

    /// How many streams of events were opened.
    pub fn streams(&self) -> usize {
        self.shared.streams.load(Ordering::SeqCst)
    }

    /// Cuts everything that is open.
    pub fn cut(&self) {
        // Nobody there is fine.
        drop(self.shared.cut.send(()));
    }
}

impl Shared {
    /// One request, and what becomes of it; the line is for that one alone.
    async fn serve(&self, mut near: TcpStream) -> std::io::Result<()> {
        let mut cut = self.cut.subscribe();
        let (head, body) = request(&mut near).await?;
        let is_stream = head.starts_with("GET /events");
        let mood = if is_stream {
            self.streams.fetch_add(1, Ordering::SeqCst);
            Mood::Fine
        } else {
            let mut moods = self.moods.lock().unwrap_or_else(PoisonError::into_inner);
            moods.pop_front().unwrap_or(Mood::Fine)
        };
        if mood != Mood::Fine {
            self.fired.fetch_add(1, Ordering::SeqCst);
        }
        match mood {
            Mood::CutsQuestion => return Ok(()),
            Mood::Page => return page(&mut near).await,
            _ => {}
        }
        let mut far = TcpStream::connect(self.to).await?;
        // The engine ends the line, so that the end of its answer is seen.
        let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
        far.write_all(head.as_bytes()).await?;
        far.write_all(&body).await?;
        if mood == Mood::Fine {
            tokio::select! {
                copied = tokio::io::copy(&mut far, &mut near) => drop(copied?),
                _ = cut.recv() => {}
            }
            return Ok(());
        }
        let mut answer = Vec::new();
        far.read_to_end(&mut answer).await?;
        match mood {
            Mood::HalvesAnswer => near.write_all(&answer[..answer.len() - 10]).await,
            Mood::PageAfter => page(&mut near).await,
            Mood::Hangs => {
                // Until whoever asked gives up.
                let mut rest = Vec::new();
                near.read_to_end(&mut rest).await.map(drop)
            }
            _ => Ok(()),
        }
    }
}

async fn page(near: &mut TcpStream) -> std::io::Result<()> {
    let length = PAGE.len();
    let head = format!(
        "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    near.write_all(head.as_bytes()).await?;
    near.write_all(PAGE.as_bytes()).await
}

/// Reads a request, its body too.
async fn request(near: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut read = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = read.split_off(at + 4);
            let head = String::from_utf8_lossy(&read).into_owned();
            let length = head
                .to_ascii_lowercase()
                .lines()
                .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
                .unwrap_or(0);
            let mut body = body;
            while body.len() < length {
                let count = near.read(&mut part).await?;
                if count == 0 {
                    return Err(std::io::ErrorKind::UnexpectedEof.into());
                }
                body.extend_from_slice(&part[..count]);
            }
            return Ok((head, body));
        }
        let count = near.read(&mut part).await?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        read.extend_from_slice(&part[..count]);
    }
}

/// How often something may go through a slow line.
const BEAT: Duration = Duration::from_millis(10);

/// A slow line, and what went through it.
#[derive(Clone)]
pub struct Slow {
    /// Where it begins.
    pub at: SocketAddr,
    carried: Arc<AtomicU64>,
}

impl Slow {
    /// Opens a line that takes so long there and back, and so many bits in a second each way.
    pub async fn open(to: SocketAddr, there_and_back: Duration, bits: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let slow = Self {
            at: listener.local_addr().expect("an address"),
            carried: Arc::default(),
        };
        let each = i64::try_from(bits / 8 / 100).expect("a width");
        let beats = u64::try_from(there_and_back.as_millis() / 20).expect("a length");
        let ways = [Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0))];
        let filled = ways.clone();
        tokio::spawn(async move {
            let mut beat = interval(BEAT);
            loop {
                beat.tick().await;
                for way in &filled {
                    // What nobody used is gone.
                    way.store(each, Ordering::SeqCst);
                }
            }
        });
        let carried = Arc::clone(&slow.carried);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = TcpStream::connect(to).await else {
                    continue;
                };
                let (from_near, to_near) = near.into_split();
                let (from_far, to_far) = far.into_split();
                let [there, back] = ways.clone();
                // Whoever connects waits for an answer before it sends: one way more.
                let count = Arc::clone(&carried);
                tokio::spawn(drip(
                    from_near,
                    to_far,
                    (there, Arc::clone(&count)),
                    beats * 2,
                ));
                tokio::spawn(drip(from_far, to_near, (back, count), beats));
            }
        });
        slow
    }

    /// How many bytes went through it so far, both ways.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::SeqCst)
    }
}

/// Passes on what comes, each part after so many beats, and no more than there is room for.
async fn drip(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    (room, carried): (Arc<AtomicI64>, Arc<AtomicU64>),
    mut later: u64,
) {
    let usual = later.min(10);
    let mut waits: VecDeque<(u64, Vec<u8>)> = VecDeque::new();
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (mut now, mut part, mut open) = (0, vec![0; 16 << 10], true);
    while open || !waits.is_empty() {
        tokio::select! {
            count = from.read(&mut part), if open && waits.len() < 64 => match count {
                Ok(count) if count > 0 => {
                    waits.push_back((now + later, part[..count].to_vec()));
                    later = usual;
                }
                _ => open = false,
            },
            _ = beat.tick() => {
                now += 1;
                while let Some((due, bytes)) = waits.front_mut() {
                    let free = usize::try_from(room.load(Ordering::SeqCst)).unwrap_or(0);
                    let count = bytes.len().min(free);
                    if *due > now || count == 0 {
                        break;
                    }
                    room.fetch_sub(i64::try_from(count).unwrap_or(0), Ordering::SeqCst);
                    let now_sent: Vec<u8> = bytes.drain(..count).collect();
                    if to.write_all(&now_sent).await.is_err() {
                        return;
                    }
                    carried.fetch_add(count as u64, Ordering::SeqCst);
                    if bytes.is_empty() {
                        waits.pop_front();
                    }
                }
            }
        }
    }
    // The other side learns that this one has ended.
    drop(to.shutdown().await);
}
