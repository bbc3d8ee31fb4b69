package simulate

import "time"

// Ids of the demo's organization. They have the documented forms; the values are
// invented.
const (
	wsDefault  = "wrkspc_01DfLt9XqRw4NmKc7VpZb3HsYj"
	wsAgents   = "wrkspc_01HvQm7TzRk4NbXc9WpLd2YsJf"
	wsPayments = "wrkspc_01PaYm3TnXs8VkRq5ZbWc7LdHg"
	wsBatch    = "wrkspc_01BtRx5KvNq8MwZc3LpYh6DsGj"
	wsCode     = "wrkspc_01CcPz6YtKv8MqRb4XnWd9LsHg"
	wsOld      = "wrkspc_01OldXb7RtLq5VnKm3WcPd8YsZh"

	keyEU       = "apikey_01Ab7TnQx5RkVw3LmZc9PdYh"
	keyUS       = "apikey_01Us4MnBt7RkVw3LmZc9PdQx"
	keyBatch    = "apikey_01Cd8WpRz6TmXy4NqBf2KhLs"
	keyDefault  = "apikey_01Ef9XqSb7UnYz5PrCg3LjMt"
	keyPayments = "apikey_01Pm6ZtVc3WnKb8QxRd5LhYs"
	keyRisk     = "apikey_01Rs2KvNx9TmWp4BzQc7HdLg"

	groupOpus55   = "rlg_01Bq7ZtMw3RkXn5VcJp8HdYe"
	groupOpus4    = "rlg_01Fs9KpLv4TmQx2WbRn6YcGh"
	groupSonnet4  = "rlg_01Jt6DxRn8WvHk3PqCz5LmVb"
	groupSonnet55 = "rlg_01Mv3BsKq9XhTw6RzYd2FnJc"
	groupHaiku    = "rlg_01Ry5HcWn7VbKt9XpJq4DmTs"

	rpm       = "requests_per_minute"
	itpmAware = "input_tokens_per_minute_cache_aware"
	itpm      = "input_tokens_per_minute"
	otpm      = "output_tokens_per_minute"

	demoLimit = 5_000_000 // input tokens per minute, of every model group
)

func demoOrganization() Organization {
	made := time.Date(2026, 2, 11, 9, 14, 55, 120394000, time.UTC)
	return Organization{
		ID: "5a1c3a4e-8f5d-4d7e-9a43-0c5f6b1d2e70", Name: "Acme Robotics",
		Workspaces: []Workspace{
			{ID: wsDefault, Name: "Default", Default: true, CreatedAt: time.Date(2024, 5, 2, 16, 40, 11, 0, time.UTC), Color: "#6C5BB9"},
			{ID: wsAgents, Name: "prod-agents", CreatedAt: made, Color: "#6C5BB9", Tags: map[string]string{"team": "platform", "env": "prod"}},
			{ID: wsPayments, Name: "payments", CreatedAt: made, Color: "#1565C0", Tags: map[string]string{"team": "payments"},
				Models: []string{"claude-sonnet-5-5", "claude-haiku-4-5", "claude-haiku-4-5-20251001"}},
			{ID: wsBatch, Name: "nightly-batch", CreatedAt: made, Color: "#2E7D32"},
			{ID: wsCode, Name: "Claude Code", CreatedAt: made, Color: "#C96442", Geos: []string{"us"}},
			{ID: wsOld, Name: "poc-2025", CreatedAt: made, ArchivedAt: time.Date(2026, 3, 30, 11, 2, 41, 553201000, time.UTC)},
		},
		Keys: demoKeys(), Groups: demoGroups(), Overrides: demoOverrides(),
	}
}

func demoKeys() []APIKey {
	made := time.Date(2026, 4, 17, 8, 22, 10, 415233000, time.UTC)
	const user, service, hint = "user_01Kq4VbTz7XnRw9LmPc2HdYs", "svac_01Mn5RtXq8VwKb3LzPc7YdHs", "sk-ant-api03-R9f...vQAA"
	return []APIKey{
		{ID: keyEU, Name: "agents-prod-eu", Hint: hint, Workspace: wsAgents, CreatedAt: made, CreatedBy: user},
		{ID: keyUS, Name: "agents-prod-us", Hint: hint, Workspace: wsAgents, CreatedAt: made, CreatedBy: user},
		{ID: keyPayments, Name: "checkout", Hint: hint, Workspace: wsPayments, CreatedAt: made, CreatedBy: user},
		{ID: keyRisk, Name: "risk-scoring", Hint: hint, Workspace: wsPayments, CreatedAt: made, CreatedBy: service, Principal: service},
		{ID: keyBatch, Name: "batch-runner", Hint: hint, Workspace: wsBatch, CreatedAt: made, CreatedBy: service, Principal: service,
			ExpiresAt: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
		{ID: keyDefault, Name: "playground-legacy", Hint: hint, Workspace: wsDefault, CreatedAt: made},
		{ID: "apikey_01Gh2YrTc8VpZb6QsDh4MkNv", Name: "jana-cli", Hint: hint, CreatedAt: made, CreatedBy: user, Principal: user},
		{ID: "apikey_01Jk3ZsUd9WqBc7RtEj5NmPw", Name: "poc-2025-key", Status: "archived", Workspace: wsOld, CreatedAt: made},
	}
}

func demoGroups() []Group {
	standard := func(input string, more ...Limit) []Limit {
		return append([]Limit{{rpm, 5_000}, {input, demoLimit}, {otpm, 1_000_000}}, more...)
	}
	return []Group{
		{ID: groupOpus55, RateLimitID: "rl_01Xw4TnQe7PzVb2KcYh9MsLf", Type: "model_group", Name: "Claude Opus 5.5",
			Models: []string{"claude-opus-5-5"}, Limits: standard(itpmAware, Limit{"fast_itpmca", 400_000}, Limit{"fast_otpm", 80_000})},
		{ID: groupOpus4, RateLimitID: "rl_01Gc8VnLd5JxWm3TqRk6PzSa", Type: "model_group", Name: "Claude Opus 4.x",
			Models: []string{"claude-opus-4-5", "claude-opus-4-5-20251101", "claude-opus-4-6", "claude-opus-4-7", "claude-opus-4-8"},
			Limits: standard(itpmAware)},
		{ID: groupSonnet4, RateLimitID: "rl_01Nd2YhFr7BsKq9XvTm4WcPe", Type: "model_group", Name: "Claude Sonnet 4.x",
			Models: []string{"claude-sonnet-4-5", "claude-sonnet-4-5-20250929", "claude-sonnet-4-6"}, Limits: standard(itpmAware)},
		{ID: groupSonnet55, RateLimitID: "rl_01Pk5QwTz8MxLb3CdVn7HsRj", Type: "model_group", Name: "Claude Sonnet 5.5",
			Models: []string{"claude-sonnet-5-5"}, Limits: standard(itpm)},
		{ID: groupHaiku, RateLimitID: "rl_01Qm6RvXc9KtPz4BnWd8JhLs", Type: "model_group", Name: "Claude Haiku 4.5",
			Models: []string{"claude-haiku-4-5", "claude-haiku-4-5-20251001"}, Limits: standard(itpmAware)},
		{ID: "rlg_01Tz8PkVr6XmBw3QnHc5YdLf", RateLimitID: "rl_01Sr7TbYd2LvQm5XpKn9WcHf", Type: "batch",
			Limits: []Limit{{rpm, 2_000}, {"enqueued_batch_requests", 300_000}}},
		{ID: "rlg_01Vb4RnYk2WxTq7DmJc9HpSz", RateLimitID: "rl_01Ut8VcZf3MwRn6YqLp2XdJg", Type: "token_count", Limits: []Limit{{rpm, 4_000}}},
		{ID: "rlg_01Xd5TqLn3VkRw8BzHc6YmPj", RateLimitID: "rl_01Wv9XdBg4NxSp7ZrMq3YeKh", Type: "files", Limits: []Limit{{rpm, 500}}},
		{ID: "rlg_01Zf6VrMp4XnTy9CbJd7WkQh", RateLimitID: "rl_01Yw2ZfCh5PySr8BtNr4XfLj", Type: "skills", Limits: []Limit{{rpm, 300}}},
		{ID: "rlg_01Ch7WsNq5YpVz2DcKf8XmRj", RateLimitID: "rl_01Ax3BgDj6QzTs9CvPs5YgMk", Type: "web_search",
			Limits: []Limit{{"tool_uses_per_second", 30}}},
	}
}

// demoOverrides have one of each kind: below the organization's value, of a type
// the organization has none of, and above the organization's value.
func demoOverrides() []Override {
	return []Override{
		{wsAgents, groupOpus4, Limit{rpm, 4_000}},
		{wsAgents, groupOpus4, Limit{itpm, 28_000_000}},
		{wsAgents, groupOpus4, Limit{"tokens_per_day", 9_000_000_000}},
		{wsAgents, groupHaiku, Limit{otpm, 1_500_000}},
		{wsPayments, groupHaiku, Limit{rpm, 1_000}},
	}
}

func demoPrices() map[string]Price {
	return map[string]Price{
		"claude-opus-5-5": {Input: 500, Output: 2500}, "claude-opus-4-8": {Input: 500, Output: 2500},
		"claude-sonnet-5-5": {Input: 300, Output: 1500}, "claude-sonnet-4-6": {Input: 300, Output: 1500},
		"claude-haiku-4-5-20251001": {Input: 100, Output: 500},
	}
}
