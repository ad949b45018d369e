//! `provide_performance_feedback`: a buyer says how well a media buy does for it.

use serde_json::json;

use crate::{
    api::mcp::tool::{Answering, Ask, Object, Tool},
    engine::{core::Answer, media_buys::feedback::GiveFeedback},
};

/// The tool.
pub const TOOL: Tool = Tool::of::<GiveFeedback>(
    "provide_performance_feedback",
    "Say how well a media buy, a package or a creative does for you: performance_index 1.0 is as \
     expected, over a measurement_period. It is kept, and shown to the people who look after it.",
)
.called(call);

fn call(ask: Ask) -> Answering {
    Box::pin(async move {
        let Answer { output, replayed } = ask.reading::<GiveFeedback>().await?;
        let told = Object::from_iter([
            ("success".to_owned(), json!(true)),
            ("feedback_id".to_owned(), json!(output.id)),
        ]);
        Ok(Answer {
            output: told,
            replayed,
        })
    })
}
