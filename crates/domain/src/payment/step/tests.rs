use proptest::prelude::*;

use super::*;

const RULES: ProviderRules = ProviderRules {
    poll_ms: 5_000,
    window_ms: 45_000,
    reverse_from_ms: 15_000,
    reverse_until_ms: 604_800_000,
};

const REVERSING: State = State::Reversing { asked: false, acknowledged: false, unknown: false };
const TAKEN_BACK: State = State::Reversing { asked: true, acknowledged: false, unknown: false };

fn go(state: State, event: Event, age_ms: i64) -> (State, Next) {
    step(state, event, age_ms, &RULES).expect("an allowed event")
}

#[test]
fn a_payment_is_captured_at_once_on_a_proven_word() {
    let (state, next) = go(State::Sent, Event::Heard(Verb::Pay, Word::Paid), 400);

    assert_eq!((state, next), (State::Captured, Next::Nothing));
}

#[test]
fn silence_is_not_a_decline() {
    for silence in [Silence::NoAnswer, Silence::NotBelieved, Silence::ServerTrouble] {
        let (state, next) = go(State::Sent, Event::Unheard(Verb::Pay, silence), 700);

        assert_eq!(state, State::InDoubt { refusal: None }, "{silence:?}");
        assert_eq!(next, Next::Call(Verb::Query, 5_000), "the provider wants 5 s before a query");
    }
}

#[test]
fn a_request_that_never_left_is_not_in_doubt() {
    let (state, _) = go(State::Sent, Event::Unheard(Verb::Pay, Silence::NotConnected), 3_000);

    assert_eq!(state, State::NotSent);
}

#[test]
fn an_unproven_refusal_is_asked_again_before_anybody_is_told() {
    let (state, next) = go(State::Sent, Event::Hinted(Verb::Pay, Hint::Refused(Reason::NotEnough)), 300);
    assert_eq!(
        (state, next),
        (State::InDoubt { refusal: Some(Reason::NotEnough) }, Next::Call(Verb::Query, 300))
    );

    let paid = go(state, Event::Heard(Verb::Query, Word::Paid), 400).0;
    let refused = go(state, Event::Heard(Verb::Query, Word::Unpaid), 400);
    let failed = go(state, Event::Heard(Verb::Query, Word::Failed(Reason::PayerCancelled)), 400);

    assert_eq!(paid, State::Captured, "an error answer although the money moved does happen");
    assert_eq!(
        refused,
        (State::Declined { reason: Reason::NotEnough, closed: false }, Next::Call(Verb::Reverse, 15_000)),
        "declined, and closed with the provider as soon as it allows"
    );
    assert_eq!(failed, refused, "the cashier reads why, not only that it failed");
}

#[test]
fn a_lost_answer_is_polled_to_the_end_of_the_window_then_taken_back() {
    let doubt = State::InDoubt { refusal: None };

    let (state, next) = go(doubt, Event::Hinted(Verb::Query, Hint::UnknownPayment), 20_000);
    assert_eq!((state, next), (doubt, Next::Call(Verb::Query, 25_000)), "the charge may still be on its way");

    let (state, next) = go(doubt, Event::Heard(Verb::Query, Word::Unpaid), 45_000);
    assert_eq!((state, next), (REVERSING, Next::Call(Verb::Reverse, 45_000)));

    let (state, _) = go(state, Event::Calling(Verb::Reverse), 45_000);
    let (state, next) = go(state, Event::Heard(Verb::Reverse, Word::ReverseAccepted), 45_200);
    assert_eq!(next, Next::Call(Verb::Query, 45_200), "an accepted reversal is no proof");

    let (state, next) = go(state, Event::Heard(Verb::Query, Word::Reversed), 45_400);
    assert_eq!((state, next), (State::Reversed, Next::Nothing));
}

#[test]
fn after_an_outage_the_provider_is_asked_before_anything_is_taken_back() {
    let (state, next) =
        go(State::InDoubt { refusal: None }, Event::Unheard(Verb::Query, Silence::NotConnected), 90_000);
    assert_eq!(state, REVERSING);
    assert!(
        matches!(next, Next::Call(Verb::Query, _)),
        "never reverse what may be paid without asking: {next:?}"
    );

    assert_eq!(go(state, Event::Heard(Verb::Query, Word::Paid), 95_000).0, State::Captured);
}

#[test]
fn money_that_came_after_a_reversal_left_goes_back() {
    let (state, next) = go(TAKEN_BACK, Event::Heard(Verb::Query, Word::Paid), 50_000);

    assert_eq!(state, TAKEN_BACK);
    assert!(matches!(next, Next::Call(Verb::Reverse, _)), "{next:?}");
}

#[test]
fn the_cashier_may_reverse_from_the_fifteenth_second_on() {
    assert_eq!(
        step(State::AwaitingPayer, Event::ReverseAsked, 14_000, &RULES),
        Err(Refusal::TooEarly(1_000))
    );
    assert_eq!(
        go(State::AwaitingPayer, Event::ReverseAsked, 15_000),
        (REVERSING, Next::Call(Verb::Query, 15_000))
    );
    assert_eq!(step(State::Sent, Event::ReverseAsked, 20_000, &RULES), Err(Refusal::NotNow));
}

#[test]
fn a_declined_payment_that_turns_out_paid_is_given_back_and_told() {
    let declined = State::Declined { reason: Reason::CodeExpired, closed: false };

    let (state, next) = go(declined, Event::Heard(Verb::Query, Word::Paid), 16_000);

    assert!(contradicts(declined, Word::Paid));
    assert_eq!(state, declined);
    assert!(matches!(next, Next::Call(Verb::Reverse, _)), "{next:?}");
}

#[test]
fn the_end_of_the_reversal_window_leaves_it_to_the_manager() {
    let (state, next) =
        go(TAKEN_BACK, Event::Unheard(Verb::Query, Silence::NotConnected), RULES.reverse_until_ms);
    assert_eq!(state, State::Unresolved);
    assert!(matches!(next, Next::Call(Verb::Query, _)), "the provider's later word is still wanted");

    assert_eq!(go(state, Event::Settled, RULES.reverse_until_ms).0, State::SettledByManager);
    assert_eq!(step(TAKEN_BACK, Event::Settled, 1, &RULES), Err(Refusal::NotNow), "not before");
}

#[test]
fn one_unproven_unknown_never_beats_what_the_provider_has_proven() {
    let waiting = go(State::AwaitingPayer, Event::ReverseAsked, 44_000).0;
    let asked = go(waiting, Event::Calling(Verb::Reverse), 46_000).0;

    let (after, next) = go(asked, Event::Hinted(Verb::Reverse, Hint::UnknownPayment), 46_100);
    assert_eq!(after, asked, "the query has not said so");
    assert!(matches!(next, Next::Call(Verb::Query, _)));

    let (both, _) = go(after, Event::Hinted(Verb::Query, Hint::UnknownPayment), 51_000);
    let (paid, _) = go(both, Event::Heard(Verb::Query, Word::Paid), 56_000);
    let (after_paid, _) = go(paid, Event::Hinted(Verb::Reverse, Hint::UnknownPayment), 61_000);
    assert!(
        matches!(after_paid, State::Reversing { .. }),
        "a proven word takes the doubt back: {after_paid:?}"
    );

    let (agreed, _) = go(both, Event::Hinted(Verb::Reverse, Hint::UnknownPayment), 56_000);
    assert_eq!(
        agreed,
        State::Declined { reason: Reason::NeverArrived, closed: false },
        "both questions agree"
    );
}

#[test]
fn a_busy_provider_does_not_stretch_the_customers_time() {
    let (state, next) = go(State::AwaitingPayer, Event::Hinted(Verb::Query, Hint::Busy(7_000)), 46_000);

    assert_eq!((state, next), (REVERSING, Next::Call(Verb::Query, 53_000)));
}

#[test]
fn a_declined_payment_is_closed_by_the_providers_word_and_never_by_silence() {
    let declined = State::Declined { reason: Reason::CodeExpired, closed: false };
    let late = RULES.reverse_until_ms + 1;

    for event in [
        Event::Heard(Verb::Reverse, Word::ReverseTooLate),
        Event::Heard(Verb::Query, Word::Paid),
        Event::Unheard(Verb::Query, Silence::NotConnected),
    ] {
        let (state, next) = go(declined, event, late);
        assert_eq!(state, declined, "{event:?}");
        assert!(matches!(next, Next::Call(Verb::Query, _)), "{event:?} must not be forgotten");
    }
    assert!(contradicts(declined, Word::ReverseTooLate), "only a refund can return that money");
}

#[test]
fn restart_takes_up_what_was_open() {
    let cases = [
        (State::Created, State::NotSent, Next::Nothing),
        (State::Sent, State::InDoubt { refusal: None }, Next::Call(Verb::Query, 800)),
        (State::AwaitingPayer, State::AwaitingPayer, Next::Call(Verb::Query, 800)),
        (TAKEN_BACK, TAKEN_BACK, Next::Call(Verb::Query, 800)),
        (State::Captured, State::Captured, Next::Nothing),
    ];

    for (before, after, next) in cases {
        assert_eq!(go(before, Event::Restarted, 800), (after, next), "{before:?}");
    }
}

fn any_reason() -> impl Strategy<Value = Reason> {
    proptest::sample::select(Reason::ALL.to_vec())
}

fn any_verb() -> impl Strategy<Value = Verb> {
    prop_oneof![Just(Verb::Pay), Just(Verb::Query), Just(Verb::Reverse)]
}

fn any_word() -> impl Strategy<Value = Word> {
    prop_oneof![
        Just(Word::Paid),
        Just(Word::AwaitingPayer),
        Just(Word::Unpaid),
        any_reason().prop_map(Word::Declined),
        any_reason().prop_map(Word::Failed),
        Just(Word::Closed),
        Just(Word::Reversed),
        Just(Word::ReverseAccepted),
        Just(Word::ReverseTooLate),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let hint = prop_oneof![
        any_reason().prop_map(Hint::Refused),
        Just(Hint::UnknownPayment),
        (0_i64..60_000).prop_map(Hint::Busy),
    ];
    let silence = prop_oneof![
        Just(Silence::NotConnected),
        Just(Silence::NoAnswer),
        Just(Silence::NotBelieved),
        Just(Silence::ServerTrouble),
    ];
    prop_oneof![
        any_verb().prop_map(Event::Calling),
        (any_verb(), any_word()).prop_map(|(verb, word)| Event::Heard(verb, word)),
        (any_verb(), hint).prop_map(|(verb, hint)| Event::Hinted(verb, hint)),
        (any_verb(), silence).prop_map(|(verb, silence)| Event::Unheard(verb, silence)),
        Just(Event::Restarted),
        Just(Event::QueryAsked),
        Just(Event::ReverseAsked),
        Just(Event::Settled),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_happens_no_rule_of_money_is_broken(
        events in proptest::collection::vec((any_event(), 0_i64..200_000_000), 0..60)
    ) {
        let mut state = State::Created;
        let mut age_ms = 0;
        let mut last_answer_refused = 0;

        for (event, wait_ms) in events {
            age_ms += wait_ms;
            let Ok((after, next)) = step(state, event, age_ms, &RULES) else { continue };

            if state.is_final() {
                let only_closed = matches!((state, after), (State::Declined { reason: a, .. }, State::Declined { reason: b, .. }) if a == b);
                prop_assert!(after == state || only_closed, "{:?} left by {:?}", state, event);
            }
            if after != state {
                match after {
                    State::Captured => prop_assert!(matches!(event, Event::Heard(_, Word::Paid))),
                    State::Reversed => {
                        let acknowledged = matches!(
                            (state, event),
                            (State::Reversing { acknowledged: true, .. }, Event::Hinted(Verb::Query, Hint::UnknownPayment))
                        );
                        let proven = matches!(event, Event::Heard(_, Word::Reversed | Word::Closed));
                        prop_assert!(proven || acknowledged, "{:?} by {:?}", state, event);
                    }
                    State::Declined { closed: false, .. } if !state.is_final() => prop_assert!(
                        matches!(event, Event::Heard(..)) || last_answer_refused > 0 || matches!(state, State::Reversing { .. }),
                        "two answers must agree: {:?} by {:?}", state, event
                    ),
                    State::NotSent => {
                        let never_left = matches!(
                            (state, event),
                            (State::Created, Event::Restarted) | (State::Sent, Event::Unheard(Verb::Pay, Silence::NotConnected))
                        );
                        prop_assert!(never_left, "{:?} by {:?}", state, event);
                    }
                    State::SettledByManager => prop_assert_eq!(event, Event::Settled),
                    State::Created
                    | State::Sent
                    | State::AwaitingPayer
                    | State::InDoubt { .. }
                    | State::Reversing { .. }
                    | State::Declined { .. }
                    | State::Unresolved => {}
                }
            }
            match next {
                Next::Call(Verb::Pay, _) => prop_assert!(false, "money is asked for once, by the register"),
                Next::Call(Verb::Reverse, at) => prop_assert!(at >= RULES.reverse_from_ms, "reversed too early"),
                Next::Call(Verb::Query, _) | Next::Nothing => {}
            }
            if matches!(event, Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) | Event::Restarted) && state != State::Created {
                prop_assert!(!after.wants_calls() || next != Next::Nothing, "{:?} after {:?} would be forgotten", after, event);
            }
            if matches!(event, Event::Hinted(..)) {
                last_answer_refused += 1;
            }
            state = after;
        }
    }

    #[test]
    fn once_the_provider_answers_truly_every_payment_reaches_an_end(
        events in proptest::collection::vec((any_event(), 0_i64..20_000), 0..30),
        paid: bool,
    ) {
        let mut state = State::Created;
        let mut age_ms = 0;
        for (event, wait_ms) in events {
            age_ms += wait_ms;
            // A provider that answers truly later does not contradict itself now.
            if matches!(event, Event::Heard(..)) { continue; }
            if let Ok((after, _)) = step(state, event, age_ms, &RULES) { state = after; }
        }
        if state == State::Created { state = step(state, Event::Calling(Verb::Pay), 0, &RULES).expect("created").0; }

        let mut next = step(state, Event::Restarted, age_ms, &RULES).expect("a restart is always taken");
        let mut money = if paid { Word::Paid } else { Word::Unpaid };
        let mut calls = 0;
        while let (now_state, Next::Call(verb, at)) = next {
            age_ms = age_ms.max(at);
            let calling = step(now_state, Event::Calling(verb), age_ms, &RULES).expect("calling").0;
            let word = match verb {
                Verb::Pay | Verb::Query => money,
                Verb::Reverse => { money = Word::Reversed; Word::ReverseAccepted }
            };
            next = step(calling, Event::Heard(verb, word), age_ms, &RULES).expect("an answer is always taken");
            calls += 1;
            prop_assert!(calls < 40, "still open in {:?}", next.0);
        }
        prop_assert!(!next.0.wants_calls(), "left open in {:?}", next.0);
    }
}
