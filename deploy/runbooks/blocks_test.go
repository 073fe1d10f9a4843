package runbooks

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A block of commands says in the words behind its fence's language who runs it: "sh operator", or "sh test=NAME" for the test that
// does. Markdown shows the first word only as the language, so the page renders as ever.
const (
	operatorMark = "operator"
	testMark     = "test="
)

// executed are the marks that tests know, each with the test that runs its blocks.
var executed = map[string]string{
	"backup":  "TestRestore",
	"recover": "TestRestore",
	"streams": "TestRestore",
	"verify":  "TestRestore",
	"tool":    "TestRestore",
	"lost":    "TestRestore",
	"fleet":   "TestFleetCommands",
	"rotate":  "TestRotation",
}

// notCommands are languages of blocks that nobody types into a shell.
var notCommands = []string{"yaml", "text", "sql", "json", "promql"}

// block is one fenced block of a runbook.
type block struct {
	file   string
	line   int
	lang   string
	mark   string
	script string
}

var fence = regexp.MustCompile("^( *)(```+|~~~+)(.*)$")

// blocksOf reads the fenced blocks of a document in their order.
func blocksOf(t *testing.T, file string) []block {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	var open *block
	indent := "" // of a block inside a list item, which is no part of the command
	for i, line := range strings.Split(string(raw), "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && open == nil:
			words := strings.Fields(m[3])
			open = &block{file: filepath.Base(file), line: i + 1}
			indent = m[1]
			if len(words) > 0 {
				open.lang, open.mark = words[0], strings.Join(words[1:], " ")
			}
		case m != nil && strings.TrimSpace(m[3]) == "":
			out = append(out, *open)
			open = nil
		case open != nil:
			open.script += strings.TrimPrefix(line, indent) + "\n"
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: a block is not closed", open.file, open.line)
	}
	return out
}

func books(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.md")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d runbooks, %v", len(files), err)
	}
	return files
}

func TestEveryCommandIsExecutedOrAnOperatorsOwn(t *testing.T) {
	known := map[string]int{}
	tests, operators := 0, 0
	for _, file := range books(t) {
		for _, b := range blocksOf(t, file) {
			name, byTest := strings.CutPrefix(b.mark, testMark)
			switch {
			case slices.Contains(notCommands, b.lang) && b.mark == "":
			case b.lang == "sh" && b.mark == operatorMark:
				operators++
			case b.lang == "sh" && byTest && executed[name] != "":
				tests++
				known[name]++
			default:
				t.Errorf("%s:%d: the block %q is neither `sh %s` nor `sh %sNAME` of a test that exists", b.file, b.line, strings.TrimSpace(b.lang+" "+b.mark), operatorMark, testMark)
			}
			if strings.TrimSpace(b.script) == "" {
				t.Errorf("%s:%d: an empty block", b.file, b.line)
			}
		}
	}
	for name, test := range executed {
		if known[name] == 0 {
			t.Errorf("%s runs blocks marked %s%s; there is none", test, testMark, name)
		}
	}
	if tests < 10 || operators < 10 {
		t.Errorf("%d blocks of tests and %d of operators: the documents were not understood", tests, operators)
	}
}

func TestUnmarkedCommandsAreFound(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.md")
	text := "a\n\n```sh\nrm x\n```\n\n1. b\n   ```sh test=fleet\n   echo b\n     c\n   ```\n\n~~~bash operator\nls\n~~~\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := blocksOf(t, file)
	want := []block{
		{file: "x.md", line: 3, lang: "sh", script: "rm x\n"},
		{file: "x.md", line: 8, lang: "sh", mark: "test=fleet", script: "echo b\n  c\n"},
		{file: "x.md", line: 13, lang: "bash", mark: "operator", script: "ls\n"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

// Commands in running text would escape the marks.
func TestNoCommandsOutsideOfBlocks(t *testing.T) {
	command := regexp.MustCompile("`(kubectl|helm|vault|psql|pg_[a-z]+|openssl|streams|cosign) [^`]+`")
	for _, file := range books(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range command.FindAllString(string(raw), -1) {
			t.Errorf("%s: %s stands in running text; commands stand in marked blocks", file, m)
		}
	}
}
