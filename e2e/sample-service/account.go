package main

import (
	"encoding/json"
	"net/http"
	"strings"
)

// account knows who may come in: the key of signatures, tokens that were revoked, tokens of its
// own that are good, and whom it opens the door for.
type account struct {
	plain
	service *service
	revoked *redisStore
}

func newAccount(s *service) (role, error) {
	revoked, err := the[*redisStore](s)
	return &account{service: s, revoked: revoked}, err
}

func (a *account) routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /jwks", a.keys)
	mux.HandleFunc("PUT /revoked/{id}", a.revoke)
	mux.HandleFunc("POST /validate-token", a.validate)
	mux.HandleFunc("GET /door", a.door)
}

func (a *account) keys(answer http.ResponseWriter, _ *http.Request) {
	reply(answer, http.StatusOK, json.RawMessage(a.service.settings.keys))
}

func (a *account) revoke(answer http.ResponseWriter, request *http.Request) {
	key := a.revoked.prefix + "blacklist:" + request.PathValue("id")
	if err := a.revoked.client.Set(request.Context(), key, now(), 0).Err(); err != nil {
		refuse(answer, http.StatusServiceUnavailable, err)
		return
	}
	reply(answer, http.StatusCreated, map[string]string{})
}

// validate takes a token for good that says so, with the user's name behind it.
func (a *account) validate(answer http.ResponseWriter, request *http.Request) {
	var asked struct {
		Token string `json:"token"`
	}
	if err := json.NewDecoder(request.Body).Decode(&asked); err != nil {
		refuse(answer, http.StatusBadRequest, err)
		return
	}
	user, valid := strings.CutPrefix(asked.Token, "good-")
	reply(answer, http.StatusOK, map[string]any{"valid": valid, "user_id": user})
}

// door lets in who knocks as a friend, and says who that is.
func (a *account) door(answer http.ResponseWriter, request *http.Request) {
	friend, known := strings.CutPrefix(request.Header.Get("X-Knock"), "friend-")
	if !known {
		reply(answer, http.StatusForbidden, map[string]string{})
		return
	}
	answer.Header().Set("X-User-Id", friend)
	reply(answer, http.StatusOK, map[string]string{})
}
