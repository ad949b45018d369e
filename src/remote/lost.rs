//! What happens to a question on its way, in plain words: nobody there, nobody who is trusted,
//! no answer in time, half of one, or one that no engine of ours gives. Whatever it is, the engine
//! has not spoken; so all of these are worth asking again, and none is taken for its word.

use std::{error::Error, io};

use super::Remote;
use crate::engine::fault::{Fault, FaultKind};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// Nobody was reached: nothing was sent.
    Unreached(String),
    /// Whoever is there cannot prove who they are: nothing was sent.
    Untrusted(String),
    /// It did not answer in time.
    Silent,
    /// The answer broke off, or never began.
    BrokenOff,
    /// Whoever stands before the engine answered that it is not there.
    Away(String),
    /// Somebody else answered.
    Strange(String),
    /// The answer has no end.
    Endless,
}

impl Lost {
    /// What a call ended with.
    pub fn of(error: &reqwest::Error) -> Self {
        let mut at: Option<&(dyn Error + 'static)> = error.source();
        let mut io = None;
        while let Some(cause) = at {
            if let Some(tls) = tls(cause) {
                return Self::Untrusted(tls);
            }
            if cause.downcast_ref().is_some_and(hyper::Error::is_parse) {
                return Self::Strange("it does not speak HTTP".into());
            }
            io = cause.downcast_ref::<io::Error>().or(io);
            at = cause.source();
        }
        if error.is_connect() {
            let why = match io.map(|io| (io.kind(), io)) {
                Some((io::ErrorKind::ConnectionRefused, _)) => "nobody listens there".to_owned(),
                Some((io::ErrorKind::TimedOut, _)) => "it does not answer".to_owned(),
                Some((_, io)) => io.to_string(),
                None if error.is_timeout() => "it does not answer".to_owned(),
                None => "no connection".to_owned(),
            };
            return Self::Unreached(why);
        }
        if error.is_timeout() {
            return Self::Silent;
        }
        Self::BrokenOff
    }

    /// Whether anything may have been done for all that.
    pub fn may_be_done(&self) -> bool {
        !matches!(self, Self::Unreached(_) | Self::Untrusted(_))
    }

    /// Whether asking again can help within a moment.
    pub fn passes(&self) -> bool {
        !matches!(self, Self::Untrusted(_) | Self::Endless)
    }

    /// In a sentence, with what to do.
    pub fn fault(&self, remote: &Remote) -> Fault {
        let name = remote.name();
        let (code, said, hint) = match self {
            Self::Unreached(why) => (
                "ENGINE_UNREACHABLE",
                format!("the engine at {name} cannot be reached: {why}"),
                "see that it runs, and that the address is right",
            ),
            Self::Untrusted(why) => (
                "ENGINE_UNTRUSTED",
                format!("whoever answers at {name} cannot prove to be it: {why}"),
                "name the file of its authority as `ca_file` in its profile, if that is your own",
            ),
            Self::Silent => (
                "NO_ANSWER",
                format!("the engine at {name} does not answer in time"),
                "ask again: what was done once is not done twice",
            ),
            Self::BrokenOff => (
                "ANSWER_LOST",
                format!("the answer of the engine at {name} broke off"),
                "ask again: what was done once is not done twice",
            ),
            Self::Away(what) => (
                "ENGINE_AWAY",
                format!("whoever stands before the engine at {name} does not reach it: {what}"),
                "see that it runs, and that what stands before it knows where",
            ),
            Self::Strange(what) => (
                "NO_ENGINE",
                format!("what answers at {name} is no engine of ours: {what}"),
                "see that the address is that of `flightdeck serve`, and what stands before it",
            ),
            Self::Endless => (
                "ANSWER_TOO_LARGE",
                format!("the engine at {name} says more than is read"),
                "ask for less at once",
            ),
        };
        Fault::new(FaultKind::Busy, code, said).hint(hint)
    }
}

/// What is said of an engine where asking it again has no hope before somebody mends something.
const FOR_GOOD: [&str; 3] = ["ENGINE_UNTRUSTED", "NO_ENGINE", "ANSWER_TOO_LARGE"];

/// Whether a fault means that the engine is not there just now, and may be in a moment; not that
/// it refuses us, or that somebody else is there.
#[must_use]
pub fn is_away(fault: &Fault) -> bool {
    fault.is_passing() && !FOR_GOOD.contains(&fault.code.as_str())
}

/// What TLS has against whoever is there, however deep it lies.
fn tls(cause: &(dyn Error + 'static)) -> Option<String> {
    let inside = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    if let Some(inside) = inside {
        return tls(inside);
    }
    Some(match cause.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => format!("its certificate is not good: {why}"),
        other => other.to_string(),
    })
}
