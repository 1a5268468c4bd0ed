// Program pause is the first process of a pod's sandbox, and of the node itself: it holds
// their namespaces open, collects the processes that were left to it, and ends when asked.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGCHLD, syscall.SIGINT, syscall.SIGTERM)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		collect()
	}
}

// One signal may stand for many processes, so all that have ended are collected.
func collect() {
	for {
		id, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err != syscall.EINTR && id <= 0 {
			return
		}
	}
}
