//! Reads the first hundred bytes of a SQLite file as SQLite would: from the log beside the
//! file where that holds a newer first page. Refuses to open the database for it, because
//! that alone can change the file.

use std::{
    fs::File,
    io::{ErrorKind, Read, Result, Seek, SeekFrom},
    path::Path,
};

/// What every SQLite file begins with.
pub const MAGIC: &[u8] = b"SQLite format 3\0";

const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
const HEADER: usize = 100;

/// Reads the header; shorter than a hundred bytes where the file is.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEADER);
    File::open(path)?
        .take(HEADER as u64)
        .read_to_end(&mut head)?;
    if !head.starts_with(MAGIC) {
        return Ok(head);
    }
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    match File::open(&log) {
        Ok(mut log) => Ok(first_page(&mut log)?.unwrap_or(head)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(head),
        Err(error) => Err(error),
    }
}

/// The four bytes at a place as a number; zero where there are none.
pub fn number(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .and_then(|four| four.try_into().ok())
        .map_or(0, u32::from_be_bytes)
}

/// The header on the newest committed first page in a write-ahead log.
fn first_page(log: &mut File) -> Result<Option<Vec<u8>>> {
    let mut about = [0; LOG_HEADER];
    if !filled(log, &mut about)? {
        return Ok(None);
    }
    let (page, salts) = (number(&about, 8), &about[16..24]);
    if !(512..=65536).contains(&page) {
        return Ok(None);
    }
    let (mut newest, mut pending) = (None, None);
    let mut next = LOG_HEADER as u64;
    let mut frame = [0; FRAME_HEADER + HEADER];
    while filled(log, &mut frame)? && &frame[8..16] == salts {
        if number(&frame, 0) == 1 {
            pending = Some(frame[FRAME_HEADER..].to_vec());
        }
        if number(&frame, 4) != 0 {
            newest = pending.take().or(newest);
        }
        next += FRAME_HEADER as u64 + u64::from(page);
        log.seek(SeekFrom::Start(next))?;
    }
    Ok(newest)
}

fn filled(from: &mut File, bytes: &mut [u8]) -> Result<bool> {
    match from.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
