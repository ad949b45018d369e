//! Boards: the calendars of many resources, read at once.

use flightdeck::{
    domain::tenant::{caller::Caller, role::Role},
    engine::{
        fault::FaultKind,
        slots::board::{Board, ShowBoard},
    },
};
use serde_json::{Value, json};

use crate::house::{House, each, guest};

async fn board(house: &House, ids: &[&str]) -> Board {
    let boss = Caller::new("boss", "main".parse().expect("a tenant"), Role::Admin);
    let question = json!({"resourceIds": ids, "from": "2026-06-15", "to": "2026-06-21"});
    let question: ShowBoard = serde_json::from_value(question).expect("a question");
    house.core.ask(&boss, question).await.expect("a board")
}

/// How many seats are taken on a board, by the name of the resource.
fn taken(board: &Board) -> Vec<(&str, u32)> {
    let rows = board.resources.iter();
    rows.map(|row| (&*row.name, row.cells.iter().map(|cell| cell.1).sum()))
        .collect()
}

#[tokio::test]
async fn many_resources_read_at_once_are_what_each_is_alone() {
    for house in each("boards::many_resources_read_at_once_are_what_each_is_alone").await {
        let mut ids = Vec::new();
        // The clocks of the last two are a day apart.
        let odd: [(&str, Value); 4] = [
            ("Arena", json!({})),
            ("Booth", json!({"maxConcurrent": 3})),
            ("Cabin", json!({"timezone": "Pacific/Kiritimati"})),
            (
                "Dock",
                json!({"timezone": "Pacific/Pago_Pago", "bufferAfterMinutes": 90}),
            ),
        ];
        for (name, mut changes) in odd {
            changes["name"] = json!(name);
            let id = house.resource(&changes).await;
            let free = house.slots(&id, "from=2026-06-16&to=2026-06-19").await;
            for slot in free.iter().step_by(8) {
                let slot = slot["slotId"].as_str().expect("a name");
                house.post("/api/bookings", &guest(slot)).await.is(201);
            }
            ids.push(id);
        }
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let all = board(&house, &[]).await;
        let names: Vec<&str> = taken(&all).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["Arena", "Booth", "Cabin", "Dock"]);
        assert!(taken(&all).iter().all(|(_, seats)| *seats > 0), "{all:?}");
        for (id, row) in ids.iter().zip(&all.resources) {
            assert_eq!(board(&house, &[id]).await.resources[0], *row);
        }
        // In the order in which they are named, and as often.
        let named = board(&house, &[ids[2], ids[0], ids[2]]).await;
        let again = [2, 0, 2].map(|at| all.resources[at].clone());
        assert_eq!(named.resources, again);
    }
}

#[tokio::test]
async fn a_resource_that_is_not_there_has_no_board() {
    for house in each("boards::a_resource_that_is_not_there_has_no_board").await {
        let id = house.resource(&json!({})).await;
        let boss = Caller::new("boss", "main".parse().expect("a tenant"), Role::Admin);
        let nobody = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
        let question =
            json!({"resourceIds": [id, nobody], "from": "2026-06-15", "to": "2026-06-21"});
        let question: ShowBoard = serde_json::from_value(question).expect("a question");
        let refused = house.core.ask(&boss, question).await.expect_err("none");
        assert_eq!(refused.kind, FaultKind::NotFound, "{refused:?}");
    }
}
