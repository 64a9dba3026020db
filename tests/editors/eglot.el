;;; eglot.el --- What Emacs gets of Cognate without a plugin  -*- lexical-binding: t -*-
;; Run in batch mode with the recipes of docs/editors.md loaded; prints one JSON object.

(require 'eglot)
(require 'json)

(defvar cognate-test-state nil)
(defvar cognate-test-files 0)

(cl-defmethod eglot-handle-notification (_server (_method (eql cognate/didChangeStatus)) &key state files
                                                 &allow-other-keys)
  (setq cognate-test-state state
        cognate-test-files files))

(defun cognate-test-wait (ready)
  "Let Emacs work until READY returns something, and return that."
  (let ((deadline (+ (float-time) 60)) value)
    (while (not (setq value (funcall ready)))
      (when (> (float-time) deadline) (error "Waited too long"))
      (accept-process-output nil 0.05))
    value))

(defvar cognate-test-shown nil)
(setq xref-show-xrefs-function
      (lambda (fetch _alist)
        (setq cognate-test-shown
              (mapcar (lambda (item)
                        (let ((location (xref-item-location item)))
                          (format "%s:%d" (file-name-nondirectory (xref-location-group location))
                                  (xref-location-line location))))
                      (funcall fetch)))))

(find-file (getenv "COGNATE_TEST_FILE"))
(apply #'eglot (eglot--guess-contact))
(cognate-test-wait (lambda () (and (equal cognate-test-state "ready") (> cognate-test-files 0))))
(search-forward "def call_")

(let (hover symbols actions searched related)
  (eglot-hover-eldoc-function (lambda (text &rest _) (setq hover (substring-no-properties text))))
  (cognate-test-wait (lambda () hover))
  (setq symbols (mapcar (lambda (item) (substring-no-properties (xref-item-summary item)))
                        (xref-backend-apropos 'eglot "try again after a failure")))
  (setq actions (eglot-code-actions (point) (point)))
  (eglot-execute (eglot-current-server) (aref (vconcat actions) 0))
  (cognate-search "read preferences from a file")
  (setq searched cognate-test-shown)
  (cognate-related)
  (setq related cognate-test-shown)
  (jsonrpc-request (eglot-current-server) :workspace/executeCommand '(:command "cognate.pause"))
  (cognate-test-wait (lambda () (equal cognate-test-state "paused")))
  (princ (json-encode `((hover . ,hover)
                        (symbols . ,(vconcat symbols))
                        (actions . ,(vconcat (mapcar (lambda (action) (plist-get action :title)) actions)))
                        (searched . ,(vconcat searched))
                        (related . ,(vconcat related)))))
  (eglot-shutdown (eglot-current-server)))
