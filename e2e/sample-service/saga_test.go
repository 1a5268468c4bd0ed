package main

import "testing"

func TestThePaymentDecidesOnce(t *testing.T) {
	cases := []struct {
		is    state
		event string
		then  state
	}{
		{paying, paymentCompleted, settled},
		{paying, paymentFailed, refused},
		// The answer may be there before the step that asked is kept.
		{reserved, paymentFailed, refused},
		{settled, paymentFailed, settled},
		{confirmed, paymentFailed, confirmed},
		{cancelled, paymentCompleted, cancelled},
		{paying, "payment.refunded", paying},
	}
	for _, each := range cases {
		if got := each.is.after(each.event); got != each.then {
			t.Errorf("%s after %s: %s, not %s", each.is, each.event, got, each.then)
		}
	}
}

func TestACardIsDeclinedByItsNumber(t *testing.T) {
	if charge(created{Card: declined}) != paymentFailed || charge(created{Card: "4242"}) != paymentCompleted {
		t.Error("the sandbox took the one card for the other")
	}
}
