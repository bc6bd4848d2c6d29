use proptest::prelude::*;

use super::*;

const RULES: ProviderRules = ProviderRules {
    poll_ms: 5_000,
    window_ms: 45_000,
    reverse_from_ms: 15_000,
    reverse_until_ms: 604_800_000,
    code_life_ms: 60_000,
    refund_until_ms: 31_536_000_000,
};

const REVERSING: State = TO_BE_REVERSED;
const TAKEN_BACK: State = State::Reversing { asked: true, acknowledged: false };

/// Somebody waits at the counter, and the provider has answered something before.
fn at(age_ms: i64) -> Circumstances<'static> {
    Circumstances { age_ms, attended: true, answered: true, known: false, rules: &RULES }
}

fn set_aside(age_ms: i64) -> Circumstances<'static> {
    Circumstances { attended: false, ..at(age_ms) }
}

fn go(state: State, event: Event, age_ms: i64) -> (State, Next) {
    step(state, event, at(age_ms)).expect("an allowed event")
}

#[test]
fn a_payment_is_captured_at_once_on_a_proven_word() {
    let (state, next) = go(State::Sent, Event::Heard(Verb::Pay, Word::Paid), 400);

    assert_eq!((state, next), (State::Captured, Next::Nothing));
}

#[test]
fn what_the_provider_has_proven_to_know_is_not_unknown_later() {
    let known = |age_ms| Circumstances { known: true, ..at(age_ms) };
    let open = [
        State::Sent,
        doubt(None),
        doubt(Some(Reason::TooFrequent)),
        REVERSING,
        State::Reversing { asked: true, acknowledged: true },
        State::Unresolved,
        State::Declined { reason: Reason::NeverArrived, closing: Closing::Asked },
        State::Declined { reason: Reason::NeverArrived, closing: Closing::Vouched },
        State::SettledByManager { paid: false, closing: Closing::Vouched },
    ];
    for state in open {
        for verb in [Verb::Query, Verb::Reverse] {
            for age_ms in [1_000, 50_000, 3_600_000, 700_000_000] {
                let unknown = step(state, Event::Hinted(verb, Hint::UnknownPayment), known(age_ms));
                let trouble = step(state, Event::Unheard(verb, Silence::ServerTrouble), known(age_ms));

                assert_eq!(unknown, trouble, "{state:?}: a mistake of the provider's says nothing");
            }
        }
    }
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
        (
            State::Declined { reason: Reason::NotEnough, closing: Closing::Asked },
            Next::Call(Verb::Reverse, 15_000)
        ),
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
fn at_the_end_of_the_window_a_reversal_leaves_whatever_the_questions_brought() {
    let odd = [Word::AwaitingPayer, Word::Unpaid, Word::ReverseAccepted, Word::ReverseTooLate];
    let hints = Reason::ALL.map(Hint::Refused).into_iter().chain([Hint::Busy(60_000)]);
    let silences = [Silence::NoAnswer, Silence::NotBelieved, Silence::ServerTrouble];
    let events = odd.map(|word| Event::Heard(Verb::Query, word)).into_iter();
    let events = events.chain(hints.map(|hint| Event::Hinted(Verb::Query, hint)));
    let events = events.chain(silences.map(|silence| Event::Unheard(Verb::Query, silence)));
    let open = [State::AwaitingPayer, doubt(None), doubt(Some(Reason::Settings))];

    for event in events {
        for state in open {
            let (before, next) = go(state, event, 41_000);
            assert!(!before.is_final(), "{state:?} by {event:?}");
            assert_eq!(next, Next::Call(Verb::Query, 45_000), "{state:?} by {event:?}: the last question");
            let (after, next) = go(before, event, 45_000);
            assert_eq!(
                (after, next),
                (REVERSING, Next::Call(Verb::Reverse, 45_000)),
                "{state:?} by {event:?}"
            );
        }
    }
}

#[test]
fn questions_and_reversals_follow_each_other_whatever_is_answered() {
    let answers = [
        (Event::Unheard(Verb::Query, Silence::ServerTrouble), Verb::Reverse),
        (Event::Unheard(Verb::Query, Silence::NotBelieved), Verb::Reverse),
        (Event::Hinted(Verb::Query, Hint::Refused(Reason::Settings)), Verb::Reverse),
        (Event::Heard(Verb::Query, Word::Unpaid), Verb::Reverse),
        (Event::Hinted(Verb::Query, Hint::Busy(9_000)), Verb::Reverse),
        (Event::Unheard(Verb::Reverse, Silence::NoAnswer), Verb::Query),
        (Event::Hinted(Verb::Reverse, Hint::Refused(Reason::RefusedByProvider)), Verb::Query),
        (Event::Hinted(Verb::Reverse, Hint::UnknownPayment), Verb::Query),
        (Event::Hinted(Verb::Reverse, Hint::Busy(9_000)), Verb::Query),
        (Event::Heard(Verb::Reverse, Word::ReverseAccepted), Verb::Query),
    ];
    for (event, expected) in answers {
        let (_, next) = go(TAKEN_BACK, event, 90_000);
        assert!(matches!(next, Next::Call(verb, _) if verb == expected), "{event:?}: {next:?}");
    }
    assert_eq!(
        go(TAKEN_BACK, Event::ReverseAsked, 90_000).1,
        Next::Call(Verb::Reverse, 90_000),
        "the key does something"
    );
}

#[test]
fn a_charge_that_never_arrived_ends_whatever_the_reversal_is_refused_with() {
    let unknown = Event::Hinted(Verb::Query, Hint::UnknownPayment);
    for refusal in Reason::ALL {
        let (state, next) = go(TAKEN_BACK, Event::Hinted(Verb::Reverse, Hint::Refused(refusal)), 46_000);
        assert_eq!(next, Next::Call(Verb::Query, 51_000), "{refusal:?}");
        let (told, next) = go(state, unknown, 51_000);
        assert_eq!(told, State::Declined { reason: Reason::NeverArrived, closing: Closing::Asked });
        assert_eq!(next, Next::Call(Verb::Reverse, 51_000), "and the till goes on");

        let (told, next) = go(told, Event::Hinted(Verb::Reverse, Hint::Refused(refusal)), 52_000);
        assert_eq!(next, Next::Call(Verb::Query, 57_000));
        let (vouched, next) = go(told, unknown, 57_000);
        assert_eq!(next, Next::Call(Verb::Query, 657_000), "an old answer must not be heard twice");
        assert!(!go(vouched, unknown, 657_000).0.is_unfinished());
    }
    assert!(!go(REVERSING, unknown, 46_000).0.is_final(), "nothing has been taken back yet");
}

#[test]
fn what_nobody_asked_to_be_closed_is_not_paid_and_is_asked_about_again() {
    for word in [Word::Reversed, Word::Closed] {
        for state in
            [State::Sent, State::AwaitingPayer, doubt(None), doubt(Some(Reason::Settings)), REVERSING]
        {
            let (told, next) = go(state, Event::Heard(Verb::Query, word), 20_000);
            let vouched = State::Declined { reason: Reason::ClosedByProvider, closing: Closing::Vouched };
            assert_eq!((told, next), (vouched, Next::Call(Verb::Query, 620_000)), "{state:?} by {word:?}");

            assert!(contradicts(told, Word::Paid));
            assert!(matches!(
                go(told, Event::Heard(Verb::Query, Word::Paid), 620_000).1,
                Next::Call(Verb::Reverse, _)
            ));
            assert!(!go(told, Event::Heard(Verb::Query, word), 620_000).0.is_unfinished());
        }
        assert_eq!(
            go(TAKEN_BACK, Event::Heard(Verb::Query, word), 50_000).0,
            State::Reversed,
            "this was asked for"
        );
    }
}

#[test]
fn money_that_somebody_gave_back_elsewhere_is_never_booked_by_itself() {
    for state in [State::Sent, State::AwaitingPayer, doubt(None), REVERSING, TAKEN_BACK, State::PaidLate] {
        let (after, next) = go(state, Event::Heard(Verb::Query, Word::Refunded), 20_000);

        assert_eq!(after, State::Unresolved, "{state:?}: how much was given back the till does not know");
        assert!(matches!(next, Next::Call(Verb::Query, _)));
        assert!(contradicts(state, Word::Refunded), "a person is told");
        assert!(step(after, Event::Settled { paid: true }, at(21_000)).is_ok(), "and can end it");
    }
}

#[test]
fn money_that_came_after_a_reversal_left_goes_back() {
    let (state, next) = go(TAKEN_BACK, Event::Heard(Verb::Query, Word::Paid), 50_000);

    assert_eq!(state, TAKEN_BACK);
    assert!(matches!(next, Next::Call(Verb::Reverse, _)), "{next:?}");
}

#[test]
fn the_cashier_may_reverse_from_the_fifteenth_second_on() {
    assert_eq!(step(State::AwaitingPayer, Event::ReverseAsked, at(14_000)), Err(Refusal::TooEarly(1_000)));
    assert_eq!(
        go(State::AwaitingPayer, Event::ReverseAsked, 15_000),
        (REVERSING, Next::Call(Verb::Query, 15_000))
    );
    assert_eq!(step(State::Sent, Event::ReverseAsked, at(20_000)), Err(Refusal::NotNow));
}

#[test]
fn a_declined_payment_that_turns_out_paid_is_given_back_and_told() {
    let declined = State::Declined { reason: Reason::CodeExpired, closing: Closing::Asked };

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

    let silent = Circumstances { answered: false, ..at(RULES.reverse_until_ms) };
    for paid in [false, true] {
        let (settled, next) = step(state, Event::Settled { paid }, silent).expect("its window is over");
        assert_eq!(settled, State::SettledByManager { paid, closing: Closing::Asked });
        assert!(matches!(next, Next::Call(Verb::Query, _)), "the provider's later word is still wanted");
    }
}

#[test]
fn a_manager_settles_by_hand_only_after_the_provider_has_had_its_say() {
    let doubt = State::InDoubt { refusal: None };
    let event = Event::Settled { paid: false };

    assert_eq!(
        step(doubt, event, at(44_000)),
        Err(Refusal::ProviderFirst),
        "the customer may still be paying"
    );
    let silent = Circumstances { answered: false, ..at(3_600_000) };
    assert_eq!(step(TAKEN_BACK, event, silent), Err(Refusal::ProviderFirst), "nobody has said anything yet");
    assert_eq!(step(State::Sent, event, at(50_000)), Err(Refusal::NotNow));
    assert_eq!(step(State::Captured, event, at(50_000)), Err(Refusal::NotNow));

    let (settled, next) = go(TAKEN_BACK, event, 50_000);
    assert_eq!(settled, State::SettledByManager { paid: false, closing: Closing::Asked });
    assert_eq!(next, Next::Call(Verb::Reverse, 50_000), "what is not paid must not be payable later");
    let (closed, next) = go(settled, Event::Heard(Verb::Query, Word::Reversed), 51_000);
    assert_eq!(
        (closed, next),
        (State::SettledByManager { paid: false, closing: Closing::Done }, Next::Nothing)
    );
}

#[test]
fn the_providers_later_word_is_held_against_the_managers() {
    let unpaid = State::SettledByManager { paid: false, closing: Closing::Asked };
    let paid = State::SettledByManager { paid: true, closing: Closing::Asked };

    assert!(contradicts(unpaid, Word::Paid) && !contradicts(unpaid, Word::Reversed));
    assert!(
        contradicts(paid, Word::Reversed)
            && contradicts(paid, Word::Unpaid)
            && !contradicts(paid, Word::Paid)
    );
    let (heard, next) = go(paid, Event::Heard(Verb::Query, Word::Closed), 90_000);
    assert_eq!(
        (heard, next),
        (State::SettledByManager { paid: true, closing: Closing::Done }, Next::Nothing)
    );
    let (waiting, next) = go(paid, Event::Unheard(Verb::Query, Silence::NoAnswer), 90_000);
    assert_eq!((waiting, next), (paid, Next::Call(Verb::Query, 3_690_000)));
    let (over, next) = go(paid, Event::Unheard(Verb::Query, Silence::NoAnswer), RULES.refund_until_ms);
    assert_eq!((over, next), (State::SettledByManager { paid: true, closing: Closing::Done }, Next::Nothing));
}

#[test]
fn money_that_comes_when_nobody_waits_is_for_a_person_to_judge() {
    let heard = Event::Heard(Verb::Query, Word::Paid);
    let untouched = State::Reversing { asked: false, acknowledged: false };
    for state in [State::Sent, State::AwaitingPayer, State::InDoubt { refusal: None }, untouched] {
        assert_eq!(step(state, heard, set_aside(20_000)), Ok((State::PaidLate, Next::Nothing)), "{state:?}");
        assert_eq!(go(state, heard, 20_000).0, State::Captured, "{state:?}, and the customer waits");
    }
    assert_eq!(
        go(State::Unresolved, heard, RULES.reverse_until_ms).0,
        State::PaidLate,
        "nobody waits that long"
    );

    assert_eq!(go(State::PaidLate, Event::Booked, 30_000), (State::Captured, Next::Nothing));
    assert_eq!(
        go(State::PaidLate, Event::ReturnAsked, 30_000),
        (TAKEN_BACK, Next::Call(Verb::Reverse, 30_000))
    );
    assert_eq!(go(State::PaidLate, Event::ReturnAsked, 3_000).1, Next::Call(Verb::Reverse, 15_000));
    assert_eq!(go(State::PaidLate, Event::Heard(Verb::Query, Word::Reversed), 30_000).0, State::Reversed);
    assert_eq!(go(State::PaidLate, Event::Restarted, 30_000), (State::PaidLate, Next::Nothing));
}

#[test]
fn after_the_window_late_money_goes_back_only_by_a_refund() {
    let late = at(RULES.reverse_until_ms);
    let in_time = at(RULES.reverse_until_ms - 1);

    assert_eq!(step(State::PaidLate, Event::ReturnAsked, late), Err(Refusal::TooLate));
    assert!(step(State::PaidLate, Event::ReturnAsked, in_time).is_ok());
    let by_hand = Event::Settled { paid: false };
    assert_eq!(
        step(State::PaidLate, by_hand, in_time),
        Err(Refusal::NotNow),
        "the till can give it back itself"
    );
    assert_eq!(
        step(State::PaidLate, by_hand, late),
        Ok((State::SettledByManager { paid: false, closing: Closing::Done }, Next::Nothing))
    );
    assert_eq!(
        step(State::PaidLate, Event::Settled { paid: true }, late),
        Err(Refusal::NotNow),
        "that is booking"
    );
}

#[test]
fn closing_needs_two_unproven_answers_that_agree() {
    let declined = |closing| State::Declined { reason: Reason::CodeExpired, closing };
    let unknown = Event::Hinted(Verb::Query, Hint::UnknownPayment);

    let (asked, next) =
        go(declined(Closing::Asked), Event::Hinted(Verb::Reverse, Hint::UnknownPayment), 20_000);
    assert_eq!((asked, next), (declined(Closing::Asked), Next::Call(Verb::Query, 25_000)));
    let (vouched, next) = go(asked, unknown, 25_000);
    assert_eq!((vouched, next), (declined(Closing::Vouched), Next::Call(Verb::Query, 625_000)));
    assert_eq!(go(vouched, unknown, 625_000), (declined(Closing::Done), Next::Nothing));
    assert_eq!(
        go(vouched, Event::Unheard(Verb::Query, Silence::NoAnswer), 625_000),
        (asked, Next::Call(Verb::Reverse, 685_000)),
        "silence agrees with nothing: from the beginning"
    );

    let (asked, next) = go(vouched, Event::QueryAsked, 30_000);
    assert_eq!((asked, next), (declined(Closing::Asked), Next::Call(Verb::Query, 30_000)));
    assert_eq!(
        go(asked, unknown, 30_100),
        (vouched, Next::Call(Verb::Query, 630_100)),
        "the charge may still be on its way"
    );
    assert_eq!(
        go(vouched, Event::Heard(Verb::Query, Word::Paid), 45_000).0,
        declined(Closing::Asked),
        "a proven word takes it back"
    );
    assert_eq!(go(vouched, Event::Restarted, 45_000).0, declined(Closing::Asked));

    let late = RULES.reverse_until_ms;
    let (refused, next) = go(vouched, Event::Heard(Verb::Reverse, Word::ReverseTooLate), late);
    assert_eq!(refused, declined(Closing::Asked), "too late to reverse is no sign of being closed");
    assert!(matches!(next, Next::Call(Verb::Query, _)));
    let (first, next) = go(refused, unknown, late);
    assert_eq!((first, next), (declined(Closing::Vouched), Next::Call(Verb::Query, late + 600_000)));
    assert_eq!(go(first, unknown, late + 3_600_000).0, declined(Closing::Done));
}

#[test]
fn what_contradicts_a_payment_that_never_was_or_went_back_is_money() {
    for state in [State::NotSent, State::Reversed] {
        assert!(contradicts(state, Word::Paid));
        for word in [Word::Unpaid, Word::Reversed, Word::Closed, Word::AwaitingPayer] {
            assert!(!contradicts(state, word), "{word:?}");
        }
    }
}

#[test]
fn what_is_refused_for_its_key_or_its_haste_says_nothing_about_the_order() {
    let silent = [Reason::Settings, Reason::TooFrequent, Reason::RefusedByProvider];
    for said in silent {
        let (doubt, _) = go(State::Sent, Event::Hinted(Verb::Pay, Hint::Refused(said)), 300);
        for again in silent {
            let (after, next) = go(doubt, Event::Hinted(Verb::Query, Hint::Refused(again)), 400);
            assert_eq!(
                (after, next),
                (doubt, Next::Call(Verb::Query, 5_400)),
                "twice nothing is not a refusal"
            );
        }
        let (after, _) = go(doubt, Event::Hinted(Verb::Query, Hint::UnknownPayment), 5_400);
        assert_eq!(after, doubt, "{said:?}: the charge may still be on its way");
    }
    let settings = doubt(Some(Reason::Settings));
    assert_eq!(go(settings, Event::Heard(Verb::Query, Word::Unpaid), 400).0, settings, "unpaid so far");
    for payer in [Reason::CodeExpired, Reason::CodeInvalid, Reason::NotEnough, Reason::CardNotSupported] {
        let (told, _) = go(doubt(Some(payer)), Event::Hinted(Verb::Query, Hint::UnknownPayment), 400);
        assert_eq!(told, State::Declined { reason: payer, closing: Closing::Asked });
    }
}

#[test]
fn what_was_said_without_proof_is_kept_while_the_till_goes_on_asking() {
    let refused = State::InDoubt { refusal: Some(Reason::NotEnough) };
    let silence = Event::Unheard(Verb::Query, Silence::NoAnswer);

    assert_eq!(go(refused, silence, 6_000).0, refused);
    assert_eq!(go(State::AwaitingPayer, silence, 6_000).0, State::AwaitingPayer);
    let odd = Event::Heard(Verb::Query, Word::ReverseAccepted);
    assert_eq!(go(State::Sent, odd, 6_000).0, State::InDoubt { refusal: None });
}

#[test]
fn a_manager_may_settle_when_the_window_is_over_by_the_providers_word_or_by_the_clock() {
    let event = Event::Settled { paid: true };
    let silent = |age_ms| Circumstances { answered: false, ..at(age_ms) };

    assert!(step(State::Unresolved, event, silent(60_000)).is_ok(), "the provider said that it is too late");
    assert!(step(TAKEN_BACK, event, silent(RULES.reverse_until_ms)).is_ok(), "seven days without a word");
    assert_eq!(step(TAKEN_BACK, event, silent(RULES.reverse_until_ms - 1)), Err(Refusal::ProviderFirst));
}

#[test]
fn what_a_manager_calls_paid_is_listened_for_until_nothing_can_come() {
    let paid = State::SettledByManager { paid: true, closing: Closing::Asked };
    let done = State::SettledByManager { paid: true, closing: Closing::Done };
    for word in [Word::Unpaid, Word::Failed(Reason::PayerCancelled)] {
        let heard = Event::Heard(Verb::Query, word);

        let last = RULES.reverse_until_ms - 1;
        assert_eq!(
            go(paid, heard, last),
            (paid, Next::Call(Verb::Query, last + 3_600_000)),
            "it may still be paid"
        );
        assert_eq!(go(paid, heard, RULES.reverse_until_ms), (done, Next::Nothing));
    }
}

#[test]
fn a_charge_that_is_still_on_its_way_is_not_given_up_by_the_till() {
    let acknowledged = State::Reversing { asked: true, acknowledged: true };
    let unknown = Event::Hinted(Verb::Query, Hint::UnknownPayment);

    // However long the line was down: a replica that lags, or a reversal that did nothing, says the same as a payment that never was.
    for age_ms in [50_000, 600_000, 4_500_000] {
        let (told, next) = go(acknowledged, unknown, age_ms);
        assert_eq!(told, State::Declined { reason: Reason::NeverArrived, closing: Closing::Asked });
        assert!(
            matches!(next, Next::Call(Verb::Reverse, _)),
            "the customer may go, the till asks on: {next:?}"
        );

        let (again, next) = go(told, Event::Heard(Verb::Reverse, Word::ReverseAccepted), age_ms + 5_000);
        assert_eq!(next, Next::Call(Verb::Query, age_ms + 5_000));
        let (vouched, next) = go(again, unknown, age_ms + 5_000);
        assert_eq!(next, Next::Call(Verb::Query, age_ms + 605_000), "an old answer must not be heard twice");
        assert!(vouched.is_unfinished());
        assert!(!go(vouched, unknown, age_ms + 605_000).0.is_unfinished());
    }
}

#[test]
fn an_unknown_number_ends_nothing_before_the_charge_has_had_its_time() {
    let unknown = Event::Hinted(Verb::Query, Hint::UnknownPayment);

    let (early, next) = go(TAKEN_BACK, unknown, 30_000);
    assert_eq!((early, next), (TAKEN_BACK, Next::Call(Verb::Reverse, 35_000)));
    let (reverse_only, _) = go(TAKEN_BACK, Event::Hinted(Verb::Reverse, Hint::UnknownPayment), 50_000);
    assert_eq!(reverse_only, TAKEN_BACK, "the query has not said so");
    assert_eq!(
        go(TAKEN_BACK, unknown, 50_000).0,
        State::Declined { reason: Reason::NeverArrived, closing: Closing::Asked },
    );
}

#[test]
fn a_busy_provider_does_not_stretch_the_customers_time() {
    let busy = Event::Hinted(Verb::Query, Hint::Busy(60_000));

    assert_eq!(
        go(State::AwaitingPayer, busy, 7_000),
        (State::AwaitingPayer, Next::Call(Verb::Query, 45_000))
    );
    assert_eq!(go(State::AwaitingPayer, busy, 46_000), (REVERSING, Next::Call(Verb::Reverse, 46_000)));
    assert_eq!(
        go(TAKEN_BACK, busy, 46_000),
        (TAKEN_BACK, Next::Call(Verb::Reverse, 106_000)),
        "then it gets its time"
    );
}

#[test]
fn a_declined_payment_is_closed_by_the_providers_word_and_never_by_silence() {
    let declined = State::Declined { reason: Reason::CodeExpired, closing: Closing::Asked };
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
        Just(Word::Refunded),
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
        Just(Event::Booked),
        Just(Event::ReturnAsked),
        proptest::bool::ANY.prop_map(|paid| Event::Settled { paid }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_happens_no_rule_of_money_is_broken(
        events in proptest::collection::vec((any_event(), 0_i64..200_000_000, any::<bool>(), any::<bool>()), 0..60)
    ) {
        let mut state = State::Created;
        let mut age_ms = 0;
        let mut refused = 0;

        for (event, wait_ms, attended, answered) in events {
            age_ms += wait_ms;
            let circumstances = Circumstances { age_ms, attended, answered, known: false, rules: &RULES };
            let Ok((after, next)) = step(state, event, circumstances) else { continue };

            if state.is_final() {
                let only_closing = match (state, after) {
                    (State::Declined { reason: a, .. }, State::Declined { reason: b, .. }) => a == b,
                    (State::SettledByManager { paid: a, .. }, State::SettledByManager { paid: b, .. }) => a == b,
                    _ => false,
                };
                prop_assert!(after == state || only_closing, "{:?} left by {:?}", state, event);
                prop_assert!(state.is_unfinished() || after == state, "{:?} opened again by {:?}", state, event);
            }
            if after != state {
                match after {
                    State::Captured => prop_assert!(
                        (attended && matches!(event, Event::Heard(_, Word::Paid)))
                            || (state == State::PaidLate && event == Event::Booked)
                    ),
                    State::PaidLate => prop_assert!(
                        matches!(event, Event::Heard(_, Word::Paid)) && (!attended || state == State::Unresolved)
                    ),
                    State::Reversed => {
                        let proven = matches!(event, Event::Heard(_, Word::Reversed | Word::Closed));
                        prop_assert!(proven, "{:?} by {:?}", state, event);
                    }
                    State::Declined { .. } if !state.is_final() => prop_assert!(
                        matches!(event, Event::Heard(..)) || refused > 0 || matches!(state, State::Reversing { .. }),
                        "two answers must agree: {:?} by {:?}", state, event
                    ),
                    State::NotSent => {
                        let never_left = matches!(
                            (state, event),
                            (State::Created, Event::Restarted) | (State::Sent, Event::Unheard(Verb::Pay, Silence::NotConnected))
                        );
                        prop_assert!(never_left, "{:?} by {:?}", state, event);
                    }
                    State::SettledByManager { paid, .. } if !state.is_final() => {
                        prop_assert_eq!(event, Event::Settled { paid });
                        let said = answered && age_ms >= RULES.window_ms;
                        let over = matches!(state, State::Unresolved | State::PaidLate) || age_ms >= RULES.reverse_until_ms;
                        prop_assert!(said || over, "{:?} settled before the provider had its say", state);
                    }
                    State::Created
                    | State::Sent
                    | State::AwaitingPayer
                    | State::InDoubt { .. }
                    | State::Reversing { .. }
                    | State::Declined { .. }
                    | State::SettledByManager { .. }
                    | State::Unresolved => {}
                }
            }
            match next {
                Next::Call(Verb::Pay, _) => prop_assert!(false, "money is asked for once, by the register"),
                Next::Call(Verb::Reverse, at) => prop_assert!(at >= RULES.reverse_from_ms, "reversed too early"),
                Next::Call(Verb::Query, _) | Next::Nothing => {}
            }
            if matches!(event, Event::Heard(..) | Event::Hinted(..) | Event::Unheard(..) | Event::Restarted) && state != State::Created {
                prop_assert!(!after.is_unfinished() || after == State::PaidLate || next != Next::Nothing, "{:?} after {:?} would be forgotten", after, event);
            }
            if matches!(event, Event::Hinted(..)) {
                refused += 1;
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
            if let Ok((after, _)) = step(state, event, at(age_ms)) { state = after; }
        }
        if state == State::Created { state = step(state, Event::Calling(Verb::Pay), at(0)).expect("created").0; }

        let mut next = step(state, Event::Restarted, at(age_ms)).expect("a restart is always taken");
        let mut money = if paid { Word::Paid } else { Word::Unpaid };
        let mut calls = 0;
        while let (now_state, Next::Call(verb, due)) = next {
            age_ms = age_ms.max(due);
            let calling = step(now_state, Event::Calling(verb), at(age_ms)).expect("calling").0;
            let word = match verb {
                Verb::Pay | Verb::Query => money,
                Verb::Reverse => { money = Word::Reversed; Word::ReverseAccepted }
            };
            next = step(calling, Event::Heard(verb, word), at(age_ms)).expect("an answer is always taken");
            calls += 1;
            prop_assert!(calls < 250, "still open in {:?}", next.0);
        }
        // Late money waits for a person, nothing else does.
        prop_assert!(!next.0.is_unfinished() || next.0 == State::PaidLate, "left open in {:?}", next.0);
    }
}
