//go:build isolation

package isolation

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// folderVariable tells the journey, which runs as a process of its own in the namespace, where CareFusion is installed.
const folderVariable = "ISOLATION_CAREFUSION_DIR"

// visitVariable asks for a whole visit; without it the journey books and reads.
const visitVariable = "ISOLATION_VISIT"

// TestMain runs the proofs, or, where the folder is named, the journey alone: a program cannot enter a namespace by itself once it has
// threads, so the proof starts this one again in it.
func TestMain(m *testing.M) {
	dir := os.Getenv(folderVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	r := &console{}
	c := openCare(r, dir)
	c.books()
	if os.Getenv(visitVariable) != "" {
		c.visits()
	}
	if r.failed {
		os.Exit(1)
	}
	fmt.Println(journeyDone)
}

// journeyDone is what the journey says at its end.
const journeyDone = "The journey is done."

// reporter is as much of *testing.T as the journey needs: in the namespace it runs without one.
type reporter interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Error(args ...any)
	Errorf(format string, args ...any)
	Context() context.Context
}

// console reports to whoever started the program.
type console struct{ failed bool }

func (c *console) Helper()                  {}
func (c *console) Context() context.Context { return context.Background() }

func (c *console) Error(args ...any) {
	c.failed = true
	fmt.Println(args...)
}

func (c *console) Errorf(format string, args ...any) { c.Error(fmt.Sprintf(format, args...)) }

func (c *console) Fatal(args ...any) {
	fmt.Println(args...)
	os.Exit(1)
}

func (c *console) Fatalf(format string, args ...any) { c.Fatal(fmt.Sprintf(format, args...)) }
