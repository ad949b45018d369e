//! The program is told to stop while clients wait for it: whoever was heard is answered,
//! everybody else is refused before anything happened, and it ends well and soon.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use crate::{
    program::{self, Program},
    scratch,
    web::{Silence, Web, brief, job_of},
};

/// How many clients send briefs.
const CLIENTS: u32 = 8;
/// How many briefs are acknowledged before it is told to stop.
const ENOUGH: u32 = 60;
/// How soon it has to have ended, whoever still listens to it.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_answers_everybody_it_has_heard() {
    let dir = scratch();
    let program = Program::serve(dir.path(), Duration::ZERO);
    let url: Arc<str> = program.url.as_str().into();
    // Somebody who never leaves by himself.
    let listener = Web::new().watch(&url).await.expect("a stream");
    let acknowledged = Arc::new(AtomicU32::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| tokio::spawn(send(Arc::clone(&url), client, Arc::clone(&acknowledged))))
        .collect();
    let web = Web::new();
    while acknowledged.load(Ordering::SeqCst) < ENOUGH {
        web.get(&url, "/health")
            .await
            .expect("it is healthy")
            .good();
    }
    program.terminate();
    let status = program.ended(SOON);
    assert_eq!(status.code(), Some(0), "{status}");
    drop(listener);

    let mut sent = Vec::new();
    for client in clients {
        sent.extend(client.await.expect("no client panicked"));
    }
    let answered = sent.iter().filter(|(_, job)| job.is_some()).count();
    assert!(answered >= ENOUGH as usize, "{answered}");

    let program = Program::serve(dir.path(), Duration::from_secs(30));
    for (name, job) in &sent {
        let path = format!("/bookings?search={name}");
        let page = web
            .get(&program.url, &path)
            .await
            .expect("an answer")
            .good();
        match job {
            Some(job) => {
                assert_eq!(page["total"], 1, "{name}");
                assert_eq!(job_of(&page["jobs"][0]), *job);
            }
            // Refused means that nothing happened.
            None => assert_eq!(page["total"], 0, "{name} was done and not answered"),
        }
    }
    program.terminate();
    assert_eq!(program.ended(SOON).code(), Some(0));
    let verdict = program::run(dir.path(), Duration::from_mins(1), &["audit", "verify"]);
    assert_eq!(verdict.status.code(), Some(0), "{verdict:?}");
}

/// Sends briefs until nobody is there any more; gives their names, and the jobs of those
/// that were acknowledged.
async fn send(
    url: Arc<str>,
    client: u32,
    acknowledged: Arc<AtomicU32>,
) -> Vec<(String, Option<String>)> {
    let (web, mut sent) = (Web::new(), Vec::new());
    for number in 0.. {
        let name = format!("client-{client}-{number}-");
        let body = brief(&name, 500, false);
        match web.post(&url, "/bookings", &name, Some(&body)).await {
            Ok(reply) if reply.status == 503 => sent.push((name, None)),
            Ok(reply) => {
                sent.push((name, Some(job_of(&reply.good()))));
                acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            Err(Silence::Unknown) => sent.push((name, None)),
            Err(Silence::Unheard) => {
                sent.push((name, None));
                break;
            }
        }
    }
    sent
}
