// Command alerter warns before the rate limits of the Claude API bite.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"alerter/config"

	// The image has no zone files, and schedules may name a zone.
	_ "time/tzdata"
)

// Exit codes that hold in every command but check.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2 // wrong usage, or an error in a file the user wrote
)

// cli is the whole command line.
type cli struct {
	Config string `help:"The rules file. Without it ./rules.yaml, without that the built-in one." placeholder:"FILE"`
	Log    struct {
		Level  string `help:"Least level that is logged: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
		Format string `help:"How log lines look: console or json." default:"console" enum:"console,json"`
	} `embed:"" prefix:"log."`

	Run         runCommand         `cmd:"" help:"The service: watch, warn, until stopped."`
	Demo        demoCommand        `cmd:"" help:"The whole service on recorded traffic, with no key and no file."`
	Once        onceCommand        `cmd:"" help:"One cycle of every job, deliver at once, stop."`
	Check       checkCommand       `cmd:"" help:"One look for a monitoring system: nothing stored, nothing sent."`
	Status      statusCommand      `cmd:"" help:"How full every limit is, and which alerts are active."`
	Conf        configCommand      `cmd:"" name:"config" help:"Check, show or describe the configuration."`
	Rules       rulesCommand       `cmd:"" help:"The rules in the database."`
	Test        testCommand        `cmd:"" help:"Run rule tests; try a receiver, or the routes."`
	Record      recordCommand      `cmd:"" help:"Save what the Admin API answers as a history, to try rules on."`
	Backtest    backtestCommand    `cmd:"" help:"Run the rules over a recorded history, or over what the database remembers."`
	Alerts      alertsCommand      `cmd:"" help:"The active alerts; with --all also those that have ended."`
	Ack         ackCommand         `cmd:"" help:"Take alerts on: no reminders of them unless they get worse."`
	Silence     silenceCommand     `cmd:"" help:"Silences: alerts that are not told for a while."`
	Outbox      outboxCommand      `cmd:"" help:"Messages that wait, were sent, or were given up."`
	Series      seriesCommand      `cmd:"" help:"The stored minutes."`
	Simulate    simulateCommand    `cmd:"" help:"Only the built-in Admin API, for other tools to talk to."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask the running service whether it is well; for containers."`
	Version     versionCommand     `cmd:"" help:"What this program was built from."`
	Completion  completionCommand  `cmd:"" help:"Print a script that lets a shell complete commands and flags."`
}

// program is what a command gets from the outside world.
type program struct {
	cli    *cli
	out    io.Writer
	err    io.Writer
	env    func(string) (string, bool)
	now    func() time.Time
	outTTY bool // out is a terminal
	errTTY bool // err is a terminal
	// errWidth is how many columns err has now; 0 where it is no terminal.
	errWidth func() int
	// columns is how wide the terminal is that out is; 0: it is none.
	columns int
}

func main() {
	p := &program{
		out: os.Stdout, err: os.Stderr, env: os.LookupEnv,
		now:    func() time.Time { return time.Now().UTC() },
		outTTY: term.IsTerminal(int(os.Stdout.Fd())), errTTY: term.IsTerminal(int(os.Stderr.Fd())),
		errWidth: func() int {
			columns, _, err := term.GetSize(int(os.Stderr.Fd()))
			if err != nil {
				return 0
			}
			return columns
		},
	}
	p.columns, _, _ = term.GetSize(int(os.Stdout.Fd())) // 0 with its error: it is no terminal
	os.Exit(p.main(os.Args[1:]))
}

// colours reports whether something that is shown on a terminal may be coloured.
func (p *program) colours(terminal bool) bool {
	unwanted, _ := p.env("NO_COLOR") // see no-color.org: present and not empty
	return terminal && unwanted == ""
}

// exited carries an exit code out of a parse that kong would end the process in.
type exited int

// main does what args say and returns the exit code.
func (p *program) main(args []string) (code int) {
	parser := p.parser()
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(exited) // --help ends here
			if !ok {
				panic(r)
			}
			code = int(e)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(p.err, "alerter: %v\nSee: alerter --help\n", err)
		return usageCode(args)
	}
	return p.report(parsed.Run(p))
}

// parser reads a command line into p.cli.
func (p *program) parser() *kong.Kong {
	p.cli = &cli{}
	parser, err := kong.New(p.cli,
		kong.Name("alerter"),
		kong.Description("Warns before the rate limits of the Claude API bite."),
		kong.DefaultEnvars("ALERTER"),
		kong.Writers(p.out, p.err),
		kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}),
		kong.Bind(p),
	)
	if err != nil {
		panic(fmt.Sprintf("unreachable: the command line is not well formed: %v", err))
	}
	return parser
}

// valued are the flags before a command whose value may be the next argument.
var valued = []string{"--config", "--log.level", "--log.format"}

// usageCode is the exit code of wrong usage: 2, but for check, whose 2 means critical.
func usageCode(args []string) int {
	for i := 0; i < len(args); i++ {
		switch {
		case slices.Contains(valued, args[i]):
			i++
		case strings.HasPrefix(args[i], "-"):
		case args[i] == "check":
			return nagiosUnknown
		default:
			return exitUsage
		}
	}
	return exitUsage
}

// coded is an error with an exit code of its own. An empty text prints nothing.
type coded struct {
	code int
	text string
}

// Error returns the text to print.
func (c coded) Error() string { return c.text }

// report prints what went wrong and returns the exit code.
func (p *program) report(err error) int {
	if err == nil {
		return exitOK
	}
	var c coded
	if errors.As(err, &c) {
		if c.text != "" {
			fmt.Fprintln(p.err, c.text)
		}
		return c.code
	}
	var problems config.Errors
	if errors.As(err, &problems) {
		fmt.Fprintln(p.err, problems.Error())
		return exitUsage
	}
	fmt.Fprintf(p.err, "alerter: %v\n", err)
	return exitError
}
