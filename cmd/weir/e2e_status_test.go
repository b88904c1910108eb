package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"weir/expose/status/wire"
)

func (e e2e) testStatus(t *testing.T) {
	t.Run("ledger", e.testStatusLedger)
	t.Run("off", e.testStatusOff)
}

// api asks the API of weir.
func api[A any](t *testing.T, w *weir, question string) A {
	t.Helper()
	text, err := w.get("/api/v1/" + question)
	if err != nil {
		t.Fatal(err)
	}
	var answer wire.Envelope[A]
	if err := json.Unmarshal(text, &answer); err != nil || answer.Status != "success" {
		t.Fatalf("%s: %s, %v", question, text, err)
	}
	return answer.Data
}

// The state has every line that was sent, says what became of it, and balances, also while lines come in.
func (e e2e) testStatusLedger(t *testing.T) {
	w := e.startWeir(t)
	conn := w.dial(t, "tcp")
	defer conn.Close()
	const rounds = 1000
	for range rounds {
		if _, err := fmt.Fprint(conn, "a:1|c\nb:2|g\na:1|g\nbad\n"); err != nil {
			t.Fatal(err)
		}
		if s := api[wire.Status](t, w, "status"); !s.Ledger.Balances {
			t.Fatalf("%+v", s.Ledger)
		} else if s.Ledger.Lines > 100 {
			break
		}
	}
	conn.Close()
	eventually(t, func() error {
		s := api[wire.Status](t, w, "status")
		l := &s.Ledger
		if l.Lines == 0 || l.Recorded != l.Lines/2 || l.Rejected != l.Lines/2 || l.Samples != l.Lines || !l.Balances {
			return fmt.Errorf("%+v", *l)
		}
		if s.Series.Now != 2 || s.Series.Families != 2 || !s.Ready || s.PID == 0 || s.Endpoint.Access != "loopback" {
			t.Errorf("%+v", s)
		}
		if s.History.Seq > 0 && len(s.History.Points.Lines) == 0 {
			t.Errorf("%+v", s.History)
		}
		if len(s.History.Points.Lines) == 0 || s.Rates.Lines == 0 {
			return fmt.Errorf("no step yet: %+v", s.Rates)
		}
		if !strings.Contains(s.Health.Text, "lines/s, none lost uncounted") {
			t.Errorf("%+v", s.Health)
		}
		return nil
	})
	listeners := api[wire.Listeners](t, w, "listeners").Listeners
	if len(listeners) != 2 || listeners[0].Listener != "udp://"+w.UDP || listeners[0].BufferBytes == 0 || listeners[1].Lines == 0 {
		t.Errorf("%+v", listeners)
	}
}

func (e e2e) testStatusOff(t *testing.T) {
	w := e.startWeir(t, "--endpoint.status=off")
	response, err := http.Get("http://" + w.HTTP + "/api/v1/status") //nolint:noctx // a test that ends
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Error(response.Status)
	}
}
