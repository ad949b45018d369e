//! What is heard and what is told of it.

use proptest::prelude::*;

use super::super::MouseKind;
use super::*;

/// Pieces as they come, with a silence after each that is as long as nothing or as patience.
fn told(pieces: &[(&[u8], bool)]) -> Vec<Input> {
    let mut decoder = Decoder::default();
    let mut told = VecDeque::new();
    for (bytes, silent) in pieces {
        decoder.hear(bytes, &mut told);
        while *silent && decoder.patience().is_some() {
            decoder.silence(&mut told);
        }
    }
    told.into()
}

fn keys(names: &str) -> Vec<Input> {
    let key = |name: &str| Input::Key(name.parse().expect("a key"));
    names.split(' ').map(key).collect()
}

#[track_caller]
fn means(bytes: &[u8], names: &str) {
    assert_eq!(told(&[(bytes, true)]), keys(names), "{bytes:?}");
}

#[test]
fn keys_as_terminals_send_them() {
    means(b"j", "j");
    means(b"G", "G");
    means("é".as_bytes(), "é");
    means(b"\r\t\x7f\x08", "enter tab backspace backspace");
    means(b"\x03\x00\x1f\n", "ctrl-c ctrl-space ctrl-_ ctrl-j");
    means(b"\x1b", "esc");
    means(b"\x1b\x1b", "esc esc");
    means(b"\x1bx\x1b\x7f\x1bO", "alt-x alt-backspace alt-O");
    means(
        b"\x1b[A\x1bOB\x1b[H\x1b[4~\x1b[5~\x1b[6~",
        "up down home end pgup pgdn",
    );
    means(
        b"\x1b[Z\x1b[1;5C\x1b[1;2P\x1b[15~\x1b[24~",
        "shift-tab ctrl-right shift-f1 f5 f12",
    );
    means(b"\x1b[[A\x1bOP\x1b[3;3~", "f1 f1 alt-del");
    means(b"\x1b[97;5u\x1b[27;5;9~\x1b[1;1:2B", "ctrl-a ctrl-tab down");
}

#[test]
fn what_nobody_asked_for_is_passed_over_whole() {
    for bytes in [
        &b"\x1b[?62;4c"[..],
        b"\x1b[12;40R",
        b"\x1b]11;rgb:0000/0000/0000\x1b\\",
        b"\x1b]11;rgb:0000/0000/0000\x07",
        b"\x1bP>|xterm(380)\x1b\\",
        b"\x1b[I\x1b[O",
        b"\x1b[97;1:3u",
        b"\x1b[M !!",
        b"\x1b[<2;10;10M",
        b"\xff\xfe",
        b"\xc2\x9b",
    ] {
        let mut with = bytes.to_vec();
        with.push(b'j');
        means(&with, "j");
    }
}

#[test]
fn the_mouse_tells_where_it_is() {
    let all = told(&[(
        b"\x1b[<0;1;1M\x1b[<32;5;6M\x1b[<0;5;6m\x1b[<64;2;3M\x1b[<69;2;3M",
        true,
    )]);
    let expected = [
        (MouseKind::Down, 0, 0),
        (MouseKind::Drag, 4, 5),
        (MouseKind::Up, 4, 5),
        (MouseKind::ScrollUp, 1, 2),
        (MouseKind::ScrollDown, 1, 2),
    ];
    let expected = expected.map(|(kind, x, y)| Input::Mouse { kind, x, y });
    assert_eq!(all, expected);
}

#[test]
fn a_split_escape_is_neither_escape_nor_letters() {
    for sequence in ["\x1b[B", "\x1bOB"] {
        let (esc, rest) = sequence.as_bytes().split_at(1);
        assert_eq!(told(&[(esc, false), (rest, true)]), keys("down"));
        let (esc, rest) = sequence.as_bytes().split_at(2);
        assert_eq!(told(&[(esc, false), (rest, true)]), keys("down"));
    }
    let mut decoder = Decoder::default();
    decoder.hear(b"\x1b", &mut VecDeque::new());
    assert_eq!(decoder.patience(), Some(Duration::from_millis(25)));
}

#[test]
fn the_rest_of_an_escape_that_was_given_up_is_no_text() {
    let mut decoder = Decoder::default();
    let mut told = VecDeque::new();
    decoder.hear(b"\x1b", &mut told);
    decoder.silence(&mut told);
    decoder.hear(b"[B", &mut told);
    assert_eq!(Vec::from(told), keys("esc"));
    // Much later, or typed one by one, it is.
    assert_eq!(
        self::told(&[(b"\x1b", true), (b"[B", true)]),
        keys("esc [ B")
    );
    let mut told = VecDeque::new();
    decoder.hear(b"\x1b", &mut told);
    decoder.silence(&mut told);
    decoder.hear(b"[", &mut told);
    decoder.hear(b"B", &mut told);
    assert_eq!(Vec::from(told), keys("esc [ B"));
}

#[test]
fn what_is_cut_off_for_good_is_nothing() {
    assert_eq!(told(&[(b"\x1b[1;", true), (b"j", true)]), keys("j"));
    assert_eq!(told(&[(b"\xe5\xa4", true), (b"j", true)]), keys("j"));
    assert_eq!(told(&[(b"\xe5\xa4", false), (b"\x8f", true)]), keys("夏"));
}

#[test]
fn a_paste_presses_no_key() {
    let text = "q\rdd\u{1b}[31m\r\n:quit\r".as_bytes();
    let whole = [b"\x1b[200~", text, b"\x1b[201~j"].concat();
    let mut expected = vec![Input::Paste("q\ndd\u{1b}[31m\n:quit\n".into())];
    expected.extend(keys("j"));
    assert_eq!(told(&[(&whole, true)]), expected);
    for at in 1..whole.len() {
        // Wherever it is cut.
        let (one, other) = whole.split_at(at);
        assert_eq!(told(&[(one, false), (other, true)]), expected, "{at}");
    }
}

#[test]
fn a_paste_without_an_end_does_not_deafen() {
    let all = told(&[(b"\x1b[200~lost", true), (b"j", true)]);
    assert_eq!(all[0], Input::Paste("lost".into()));
    assert_eq!(all[1..], keys("j"));
}

#[test]
fn a_burst_that_nobody_can_type_is_a_paste() {
    let text = "delete all jobs\rquit\rand then some more of it";
    let expected = vec![Input::Paste(text.replace('\r', "\n"))];
    assert_eq!(told(&[(text.as_bytes(), true)]), expected);
    let (one, other) = text.as_bytes().split_at(9);
    assert_eq!(told(&[(one, false), (other, true)]), expected);
}

#[test]
fn a_quick_hand_and_a_held_key_are_keys() {
    assert_eq!(told(&[(b":q\r", false)]), keys(": q enter"));
    assert_eq!(told(&[(b":jobs\r", true)]), keys(": j o b s enter"));
    assert_eq!(told(&[(&[b'j'; 300], false)]).len(), 300);
    assert_eq!(told(&[(&b"\x1b[B".repeat(300), false)]).len(), 300);
    assert_eq!(told(&[(&b"jk".repeat(100), false)]).len(), 200);
}

proptest! {
    #[test]
    fn anything_is_heard_without_harm_wherever_it_is_cut(
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(&b"\x1b\x1b[O]P<M~;:0129ABuR\x07\\"[..])],
            0..200,
        ),
        cuts in prop::collection::vec((0usize..200, any::<bool>()), 0..8),
    ) {
        let mut decoder = Decoder::default();
        let mut told = VecDeque::new();
        let mut from = 0;
        let mut cuts = cuts;
        cuts.sort_unstable();
        cuts.push((bytes.len(), true));
        for (to, silent) in cuts {
            let to = to.clamp(from, bytes.len());
            decoder.hear(&bytes[from..to], &mut told);
            from = to;
            for _ in 0..4 {
                if silent && decoder.patience().is_some() {
                    decoder.silence(&mut told);
                }
            }
        }
        prop_assert_eq!(decoder.patience(), None, "it comes to rest");
        for input in told {
            if let Input::Key(Key { code: Code::Char(c), .. }) = input {
                prop_assert!(!c.is_control());
            }
        }
    }

    #[test]
    fn known_keys_survive_every_cut_that_is_not_a_silence(
        names in prop::collection::vec(prop::sample::select(&["up", "pgdn", "ctrl-right", "f5"][..]), 1..20),
        cuts in prop::collection::vec(0usize..120, 0..20),
    ) {
        let bytes: Vec<u8> = names.iter().flat_map(|name| match *name {
            "up" => &b"\x1b[A"[..],
            "pgdn" => b"\x1b[6~",
            "ctrl-right" => b"\x1b[1;5C",
            _ => b"\x1b[15~",
        }).copied().collect();
        let mut decoder = Decoder::default();
        let mut told = VecDeque::new();
        let mut from = 0;
        let mut cuts: Vec<_> = cuts.into_iter().chain([bytes.len()]).collect();
        cuts.sort_unstable();
        for to in cuts {
            let to = to.clamp(from, bytes.len());
            decoder.hear(&bytes[from..to], &mut told);
            from = to;
        }
        prop_assert_eq!(Vec::from(told), keys(&names.join(" ")));
    }
}
