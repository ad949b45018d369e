//! stub
use super::terminal::Terminal;
use std::io;
pub enum Signal {
    Quit(u8),
    Gone,
}
pub struct Signals;
impl Signals {
    pub fn install() -> io::Result<Self> {
        Ok(Self)
    }
    pub async fn next(&mut self) -> Signal {
        std::future::pending().await
    }
    pub fn stop_self(&mut self, _: &mut Terminal) -> io::Result<()> {
        Ok(())
    }
    pub async fn undisturbed<T>(&mut self, f: impl Future<Output = T>) -> T {
        f.await
    }
}
