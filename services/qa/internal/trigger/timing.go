package trigger

import (
	"fmt"
	"math"
	"strconv"
)

const (
	unitMinute       = "min"
	secondsPerMinute = 60
)

// responseOf judges the response time (eTimes.03 to .06) of calls of one priority. A call cancelled before arrival has none.
func responseOf(p Priority) func(*call, float64) (finding, bool) {
	return func(c *call, threshold float64) (finding, bool) {
		if c.priority != p || c.CancelledBeforeArrival {
			return finding{}, false
		}
		return c.above(c.Response, threshold, "Response time", "a call of "+string(p)+" priority",
			"eTimes.03", "eTimes.06", "eDispatch.05", "eSituation.13")
	}
}

// sceneOf judges the time on scene (eTimes.06 to .09) by exactly one rule: arrest before critical before everything else.
func sceneOf(code Code) func(*call, float64) (finding, bool) {
	return func(c *call, threshold float64) (finding, bool) {
		if c.sceneRule() != code {
			return finding{}, false
		}
		switch code {
		case SceneArrest:
			return c.above(c.OnScene, threshold, "Time on scene", "a cardiac arrest", "eTimes.06", "eTimes.09", "eArrest.01")
		case SceneCritical:
			return c.above(c.OnScene, threshold, "Time on scene", "a call of critical priority",
				"eTimes.06", "eTimes.09", "eDispatch.05", "eSituation.13")
		default:
			return c.above(c.OnScene, threshold, "Time on scene", "a call that is neither of critical priority nor a cardiac arrest",
				"eTimes.06", "eTimes.09", "eArrest.01", "eDispatch.05", "eSituation.13")
		}
	}
}

func (c *call) sceneRule() Code {
	switch {
	case c.arrest:
		return SceneArrest
	case c.priority == Critical:
		return SceneCritical
	default:
		return SceneOther
	}
}

// above compares in seconds, so that the shown value, rounded to hundredths of a minute, never decides.
func (c *call) above(i Interval, threshold float64, what, of string, from, to string, more ...string) (finding, bool) {
	if !i.Known || i.Seconds < 0 || float64(i.Seconds) <= threshold*secondsPerMinute {
		return finding{}, false
	}
	minutes := math.Round(float64(i.Seconds)/secondsPerMinute*100) / 100
	return finding{
		measured: &minutes,
		explanation: fmt.Sprintf("%s %s min (%s to %s) is above the limit of %s min for %s.",
			what, number(minutes), from, to, number(threshold), of),
		elements: append([]string{from, to}, more...),
	}, true
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
