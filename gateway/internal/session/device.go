package session

import "strings"

// Marks of browsers and systems in User-Agent headers. The order matters: nearly every browser also names those it descends from.
var (
	browserMarks = []struct{ mark, name string }{
		{"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"OPR/", "Opera"}, {"Vivaldi/", "Vivaldi"}, {"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"}, {"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"},
		{"Chromium/", "Chromium"}, {"Safari/", "Safari"},
	}
	systemMarks = []struct{ mark, name string }{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"},
		{"Macintosh", "macOS"}, {"Linux", "Linux"},
	}
)

// Device is browser and system in words. What is not known is said so: a foreign text never reaches a page.
func Device(userAgent string) string {
	browser, system := "", ""
	for _, b := range browserMarks {
		if browser == "" && strings.Contains(userAgent, b.mark) {
			browser = b.name
		}
	}
	for _, s := range systemMarks {
		if system == "" && strings.Contains(userAgent, s.mark) {
			system = s.name
		}
	}
	switch {
	case browser == "" && system == "":
		return "Unknown device"
	case browser == "":
		return "Browser on " + system
	case system == "":
		return browser
	}
	return browser + " on " + system
}
