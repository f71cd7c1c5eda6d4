#: what = "Leaves files that somebody might open: a page, a pickle, an archive, a report."
#: attacks = "output-names"
#: safe = {verdict = "clean"}
#: harm = {says = "os.system"}
for name in ("report.json", "verdict.pkl", "index.html", "state.tar.gz", "../up.txt", "a b.exe"):
    try:
        with open(f"/output/{name}", "wb") as file:
            file.write(b"cos.system\n(S'true'\ntR.")
    except OSError:
        pass
