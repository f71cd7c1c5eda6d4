"""What can go wrong with GitHub, split by what helps: wait, look again, or a person."""

from http import HTTPStatus

from web.errors import HeadwaterError


class GitHubError(HeadwaterError):
    """Base: an exchange with GitHub did not do what was asked."""

    code = "github"
    status = HTTPStatus.BAD_GATEWAY


class GitHubNotConfigured(GitHubError):
    """Neither an App nor a token is configured."""

    code = "github-not-configured"


class GitHubUnavailable(GitHubError):
    """No answer, or a 5xx: whether the request took effect is unknown."""

    code = "github-unavailable"
    retryable = True


class GitHubLimited(GitHubError):
    """A rate limit, primary or secondary. `seconds` is how long to stay quiet."""

    code = "github-limited"
    retryable = True

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message, remedy=f"It is tried again in {seconds:.0f} seconds.")
        self.seconds = seconds


class GitHubRefused(GitHubError):
    """GitHub understood and said no: repeating it changes nothing. `http_status` is its answer."""

    code = "github-refused"

    def __init__(self, message: str, *, http_status: int, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.http_status = http_status


class GitHubAccessLost(GitHubRefused):
    """Suspended installation, revoked token, or a legal block: the organization's own trouble."""

    code = "github-access-lost"


class GitHubGone(GitHubRefused):
    """The issue or comment was deleted, transferred, or is not ours to see (404, 410)."""

    code = "github-gone"


class ForeignAnswer(GitHubError):
    """The answer is about another repository than the one asked for (tracker.md, 3)."""

    code = "github-foreign-answer"
