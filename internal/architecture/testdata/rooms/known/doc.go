// Package known has a row in the table.
package known
