package config

import (
	"encoding/json"

	"github.com/invopop/jsonschema"

	"alerter/evaluate"
)

// caseFile is a file of rule tests as it is written: promtool's, with limits and
// exp_notifications. Its tags are the keys; the descriptions are what an editor shows.
// https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
type caseFile struct {
	RuleFiles          []string          `yaml:"rule_files" jsonschema:"required" jsonschema_description:"The rules to test, relative to this file; patterns with * are fine. Routes and settle are those of the first that has routes."`
	EvaluationInterval evaluate.Duration `yaml:"evaluation_interval" jsonschema:"default=1m" jsonschema_description:"Between two steps."`
	Tests              []caseKeys        `yaml:"tests" jsonschema:"required,minItems=1" jsonschema_description:"Each test begins anew, at the time 0m."`
}

type caseKeys struct {
	Name             string             `yaml:"name" jsonschema_description:"What it is about."`
	StartTimestamp   string             `yaml:"start_timestamp" jsonschema:"default=1970-01-01T00:00:00Z" jsonschema_description:"When 0m is, as RFC 3339 or in seconds since 1970: whole minutes. Only time intervals depend on it."`
	Interval         *evaluate.Duration `yaml:"interval" jsonschema:"default=1m" jsonschema_description:"What one value of a series stands for: whole minutes."`
	Limits           []caseLimitKeys    `yaml:"limits" jsonschema:"required,minItems=1" jsonschema_description:"Every limit there is."`
	InputSeries      []inputSeriesKeys  `yaml:"input_series" jsonschema_description:"What the limits count, from 0m on."`
	Silences         []caseSilenceKeys  `yaml:"silences" jsonschema_description:"What is silenced, from when until when."`
	Acknowledgements []caseAckKeys      `yaml:"acknowledgements" jsonschema_description:"Which alerts people take on, and when."`
	AlertRuleTest    []alertTestKeys    `yaml:"alert_rule_test" jsonschema_description:"Which alerts fire at a time."`
	ExpNotifications []notificationKeys `yaml:"exp_notifications" jsonschema_description:"Who is told what."`
}

type caseLimitKeys struct {
	Organization string            `yaml:"organization" jsonschema:"required" jsonschema_description:"The organization's name."`
	Workspace    string            `yaml:"workspace" jsonschema_description:"The workspace's name; empty for the whole organization."`
	ModelGroup   string            `yaml:"model_group" jsonschema:"required" jsonschema_description:"The model group's display name."`
	Limiter      string            `yaml:"limiter" jsonschema:"required" jsonschema_description:"What is limited: the API's own word."`
	Value        *float64          `yaml:"value" jsonschema:"minimum=0" jsonschema_description:"The limit, in the limiter's own unit."`
	Removed      bool              `yaml:"removed" jsonschema_description:"Instead of a value: there is no such limit."`
	From         evaluate.Duration `yaml:"from" jsonschema_description:"Of a limit that changes: when this was seen first. What is written first held before."`
}

type inputSeriesKeys struct {
	Series string `yaml:"series" jsonschema:"required" jsonschema_description:"used{organization=\"…\", model_group=\"…\", limiter=\"…\"}, and a workspace where it has a limit of its own."`
	Values string `yaml:"values" jsonschema:"required" jsonschema_description:"As for promtool: 5x3 is 5 5 5 5, 5+2x3 is 5 7 9 11; _ and stale are minutes that are not known."`
}

type caseSilenceKeys struct {
	Matchers []string          `yaml:"matchers" jsonschema:"required,minItems=1" jsonschema_description:"Alerts that fulfil all of these, such as alertname=\"LimitPressure\"."`
	From     evaluate.Duration `yaml:"from" jsonschema:"default=0s" jsonschema_description:"Its beginning."`
	To       evaluate.Duration `yaml:"to" jsonschema:"required" jsonschema_description:"Its end, exclusive."`
}

type caseAckKeys struct {
	At       evaluate.Duration `yaml:"at" jsonschema:"required" jsonschema_description:"When: what fires since before this time."`
	Matchers []string          `yaml:"matchers" jsonschema:"required,minItems=1" jsonschema_description:"Alerts that fulfil all of these; one at least must fire."`
	By       string            `yaml:"by" jsonschema:"default=somebody" jsonschema_description:"Who."`
}

type alertTestKeys struct {
	EvalTime  evaluate.Duration `yaml:"eval_time" jsonschema:"required" jsonschema_description:"When it is looked at."`
	Alertname string            `yaml:"alertname" jsonschema:"required" jsonschema_description:"The rule."`
	ExpAlerts []expAlertKeys    `yaml:"exp_alerts" jsonschema_description:"Its alerts that fire then, and no others. Left out: none."`
}

type expAlertKeys struct {
	ExpLabels      map[string]string `yaml:"exp_labels" jsonschema_description:"All labels, but for alertname and an empty workspace."`
	ExpAnnotations map[string]string `yaml:"exp_annotations" jsonschema_description:"Some annotations; others may be there too."`
}

type notificationKeys struct {
	EvalTime evaluate.Duration `yaml:"eval_time" jsonschema:"required" jsonschema_description:"The message was sent at or before this time, and after that of the entry before it. Entries of one time are one list."`
	Receiver string            `yaml:"receiver" jsonschema:"required" jsonschema_description:"Who is told."`
	Reason   string            `yaml:"reason" jsonschema_description:"Why; left out: there is no message."`
	Severity string            `yaml:"severity" jsonschema:"enum=info,enum=warning,enum=critical" jsonschema_description:"The gravest in the message; left out: any."`
}

// CasesSchema returns the JSON Schema of files of rule tests, made from the structs
// that they are read into.
func CasesSchema() ([]byte, error) {
	s := reflector().Reflect(&caseFile{})
	s.Version = draft7
	s.Title = "alerter: rule tests"
	s.Description = "What is used, and what should come of it; run by alerter test rules."
	return json.MarshalIndent(s, "", "  ")
}

// JSONSchemaExtend adds that a time may be seconds.
func (caseKeys) JSONSchemaExtend(s *jsonschema.Schema) {
	start, _ := s.Properties.Get("start_timestamp")
	start.Type, start.OneOf = "", []*jsonschema.Schema{{Type: "string"}, {Type: "integer"}}
}

// JSONSchemaExtend adds the limiters, and that there is either a value or none.
func (caseLimitKeys) JSONSchemaExtend(s *jsonschema.Schema) {
	oneOf(s, "limiter", knownLimiters)
	s.OneOf = []*jsonschema.Schema{{Required: []string{"value"}}, {Required: []string{"removed"}}}
}

// JSONSchemaExtend adds the reasons of messages.
func (notificationKeys) JSONSchemaExtend(s *jsonschema.Schema) { oneOf(s, "reason", reasons) }

// oneOf lets a key have one of a few words.
func oneOf(s *jsonschema.Schema, key string, words []string) {
	property, _ := s.Properties.Get(key)
	for _, w := range words {
		property.Enum = append(property.Enum, w)
	}
}
