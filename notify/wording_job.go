package notify

import (
	"strings"

	"alerter/usage"
)

// Advice on jobs that fail.
const (
	adviseNetwork = "Check that this machine reaches the Admin API: network, DNS, proxy, firewall."
	adviseDisk    = "Check the disk that the database is on, its space and permissions, and that no other program keeps the file locked."
	adviseLog     = "The service's log says more about the attempts; it is tried again by itself."
	adviseReport  = "This is a fault of alerter itself: report it, with the stack that stands in the service's log. What it was doing is tried again by itself."
)

// askAdvice is what to do about a job that asks the Admin API, by what it fails.
var askAdvice = map[usage.Cause]string{
	usage.CauseUnknown:   adviseNetwork,
	usage.CauseNetwork:   adviseNetwork,
	usage.CauseFault:     "The Admin API has a fault of its own: see https://status.claude.com whether it is known. Nothing is to be done here.",
	usage.CauseRateLimit: "The Admin API's own limit is reached: see what else asks it for this organization. Longer schedule intervals ask less.",
	usage.CauseRefused:   "The Admin API refuses to answer this: check base_url, and that the key is an Admin API key of a Console organization.",
	usage.CauseAnswer:    "The answer cannot be understood: check base_url, and whether a proxy answers in the API's place. If the API itself has changed, see whether there is a newer alerter.",
	usage.CauseTimeout:   "No answer came in time: check the way to the Admin API (proxy, firewall, a slow network), and https://status.claude.com whether the API is slow.",
	usage.CauseDNS:       "The Admin API's name is not resolved: check this machine's DNS, and base_url.",
	usage.CauseTLS:       "The connection is not trusted: check whether a proxy in between shows a certificate of its own, and this machine's certificate authorities and clock.",
}

// jobWords puts a job that keeps failing into words.
func jobWords(job, whose string, cause usage.Cause) serviceWords {
	w := jobsOwn(job, whose)
	switch {
	case cause == usage.CausePanic:
		w.advice = []string{adviseReport}
	case cause == usage.CauseDatabase:
		w.advice = []string{adviseDisk, adviseLog}
	case len(w.advice) == 0:
		w.advice = []string{askAdvice[cause], adviseLog}
	}
	w.title, w.over = w.title+" keeps failing", w.title+" works again"
	return w
}

// jobsOwn is what is said of a job whatever it fails by: as the title what it does,
// and what its failing means. It has no advice where it asks the Admin API.
func jobsOwn(job, whose string) serviceWords {
	if receiver, ok := strings.CutPrefix(job, "listen/"); ok {
		return serviceWords{
			title:  "Listening to the buttons of receiver " + receiver,
			means:  "Warnings still come; whoever presses a button on a card gets no answer.",
			advice: []string{"Check its app_token, and that this machine reaches Slack.", adviseLog},
		}
	}
	onDisk := []string{adviseDisk, adviseLog}
	switch job {
	case "usage":
		return serviceWords{title: "Reading the usage of " + whose, means: "Until it succeeds no rule sees what " + whose + " uses now, and warnings come late or not at all."}
	case "limits":
		return serviceWords{title: "Reading the limits of " + whose, means: "Warnings still come, by the limits that were read last; a limit that was changed since is not seen."}
	case "attribution":
		return serviceWords{title: "Reading who uses the limits of " + whose, means: "Warnings still come; who is named in them as using most may be out of date."}
	case "backfill":
		return serviceWords{title: "Filling in the past of " + whose, means: "Warnings still come; what was used before the service began to look is missing."}
	case "heartbeat":
		return serviceWords{
			title:  "Calling the heartbeat address",
			means:  "Warnings still come; whoever waits for the heartbeat will take the service for dead.",
			advice: []string{"Check heartbeat.url, and that this machine reaches it.", adviseLog},
		}
	case "mirror":
		return serviceWords{
			title:  "Telling the Alertmanagers what fires",
			means:  "An Alertmanager that hears nothing for four minutes takes alerts to be over that are not.",
			advice: []string{"Check the urls of the receivers of kind alertmanager, and that this machine reaches them.", adviseLog},
		}
	case "digest":
		return serviceWords{title: "Making the digests", means: "Warnings still come; the digests that were due are made later, and cover the time till then.", advice: onDisk}
	case "prune":
		return serviceWords{title: "Removing old data", means: "Warnings still come; the database grows.", advice: onDisk}
	case "follow":
		return serviceWords{
			title:  "Following what people write into the database",
			means:  "Warnings still come, by what was known; rules, silences and acknowledgements that changed since have no effect yet.",
			advice: onDisk,
		}
	case "watch":
		return serviceWords{title: "Watching the service itself", means: "Warnings still come; trouble of the service itself may go untold.", advice: onDisk}
	}
	return serviceWords{title: "The job " + job, advice: []string{adviseLog}}
}
