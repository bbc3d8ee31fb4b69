package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"alerter/store"
)

// Replayed is what came of sending a message again that was given up.
type Replayed struct {
	ID       int64  `json:"id"`
	Receiver string `json:"receiver"`
	State    string `json:"state"`   // as it is now; empty where there is no such message
	Refused  string `json:"refused"` // why it is not sent again; empty: it will be
}

// Replay lets messages that were given up be sent again; no ids are all of them.
// A running service sends them within seconds.
func Replay(ctx context.Context, st *store.Store, ids []int64, at time.Time) ([]Replayed, error) {
	out := []Replayed{}
	err := st.Update(ctx, func(tx *store.Tx) error {
		list, err := tx.Replay(ids, at)
		for _, r := range list {
			out = append(out, Replayed{ID: r.ID, Receiver: r.Receiver, State: string(r.State), Refused: refusalWords(r)})
		}
		return err
	})
	return out, err
}

func refusalWords(r store.Replayed) string {
	switch r.Refused {
	case "":
		return ""
	case store.ReplayUnknown:
		return "there is no such message"
	case store.ReplayNotDead:
		return "it was not given up: it is " + string(r.State)
	case store.ReplayOutdated:
		return "what it says is over, or the receiver has been told since"
	}
	return string(r.Refused) // unreachable: the list is closed
}

// replayNow lets one message be sent again, or answers why not.
func (s *Server) replayNow(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		http.Error(w, "the id of a message is a number; see /api/v1/outbox", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readTime)
	defer cancel()
	list, err := Replay(ctx, s.Store, []int64{id}, s.Now())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	switch said := list[0]; {
	case said.State == "":
		http.Error(w, said.Refused, http.StatusNotFound)
	case said.Refused != "":
		http.Error(w, "not sent again: "+said.Refused, http.StatusConflict)
	default:
		s.Log.Info().Str("receiver", said.Receiver).Str("from", r.RemoteAddr).Msg("message to be sent again")
		s.answer(w, r, said)
	}
}
