//! The console: what a person sees and presses. Keys become actions by a keymap, panes
//! answer with effects, the loop performs them, and drawing reads what is known. Nothing
//! in here waits for the engine, and nothing but [`clean::Clean`] text reaches the screen.

#[macro_use]
pub mod clean;
pub mod command;
pub mod consent;
pub mod console;
pub mod effect;
pub mod field;
pub mod filter;
pub mod grid;
pub mod input;
pub mod keymap;
pub mod live;
pub mod logbook;
pub mod overlays;
pub mod paint;
pub mod panes;
pub mod run;
pub mod screen;
pub mod signals;
pub mod terminal;
pub mod theme;
