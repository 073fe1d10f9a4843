// Command gen reads the official NEMSIS schema and writes the structure table of package structure; nothing of that table is typed by hand.
package main
