package simulate

import "time"

// Organization is what the Admin API can say about a customer: its names, keys
// and limits. Ids are made up by whoever builds it; they only have to be unique.
type Organization struct {
	ID         string // a UUID, sent as anthropic-organization-id too
	Name       string
	Workspaces []Workspace // in the order they are listed; exactly one is the default
	Keys       []APIKey    // in the order they are listed
	Groups     []Group     // in the order they are listed
	Overrides  []Override
}

// Workspace is one workspace of the organization.
type Workspace struct {
	ID         string // wrkspc_…, the default workspace too
	Name       string
	Default    bool // hidden unless asked for, null in the legacy reports, 404 on rate limits
	CreatedAt  time.Time
	ArchivedAt time.Time // zero while in use
	Color      string    // #RRGGBB; empty is a grey
	Tags       map[string]string
	Geos       []string // inference regions allowed; nil is unrestricted
	Models     []string // models the workspace can use; nil is all
}

// APIKey is one entry of the list of API keys. The secret itself exists nowhere.
type APIKey struct {
	ID        string // apikey_…
	Name      string
	Status    string // active, inactive, archived or expired; empty is active
	Hint      string // partly redacted key; empty is null
	Workspace string // id; empty is a key of the whole organization
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	CreatedBy string    // user_… or svac_…; empty: not recorded
	Principal string    // user_… or svac_… the key acts as; empty: none
}

// Group is what limits are counted over: models that share them, or a service
// such as batches.
type Group struct {
	ID          string // rlg_…
	RateLimitID string // rl_…
	Type        string // model_group, batch, token_count, files, skills, web_search or something new
	Name        string // display name, of a model_group only
	Models      []string
	Limits      []Limit // the organization's values
}

// Limit is one limiter with its value: per minute, per day, per second or a
// count, as its type says.
type Limit struct {
	Type  string
	Value int64
}

// Override is a limit of one workspace, checked beside the organization's.
type Override struct {
	Workspace string // id, never the default workspace's
	Group     string // id
	Limit     Limit
}

// Change alters a limit at a time: it sets, adds or removes a value, or moves a
// model into another group.
type Change struct {
	At        time.Time // counted from this minute on; zero is the present minute
	Workspace string    // id or name for an override; empty for the organization
	Group     string    // id or display name (or type, for a group without one)
	Limiter   string    // the limiter's type
	Value     *int64    // the new value; nil removes it
	Model     string    // with it the model moves into Group, and Limiter and Value are not used
}
