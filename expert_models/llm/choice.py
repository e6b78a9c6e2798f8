"""The recipe's choice of one model: what it is, where it runs, and what a call may cost."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

REACHES = ("local", "contracted", "public")
"""Classes of endpoint, from the narrowest to the widest."""

Reach = Literal["local", "contracted", "public"]
IN_PROCESS = ("vllm", "transformers")


class SamplingChoice(BaseModel):
    """How the model draws. Temperature 0 unless several samples are asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float = Field(0.0, ge=0, le=2)
    top_p: float = Field(1.0, gt=0, le=1)
    max_tokens: int = Field(1024, ge=16)
    seed: int = 0


class LimitChoice(BaseModel):
    """Bounds of one call and of the traffic. Nothing waits without an end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: int = Field(64, ge=1, description="most calls in flight, of all workers together")
    deadline_s: float = Field(180, gt=0, description="whole call, connection to last byte, seconds")
    attempts: int = Field(5, ge=1, description="tries of one request before its row is a reject")
    retry_after_cap_s: float = Field(60, ge=0, description="longest wait a server may ask for")
    answer_bytes: int = Field(2_000_000, ge=1000, description="most bytes of one HTTP answer")
    breaker_failures: int = Field(
        20, ge=1, description="failed calls in a row after which all calls pause"
    )
    breaker_pause_s: float = Field(5, ge=0, description="length of such a pause, seconds")
    breaker_pauses: int = Field(
        12, ge=1, description="pauses in a row after which the build stops; it resumes later"
    )


class PriceChoice(BaseModel):
    """What tokens cost, for `plan` and the ledger."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    per_million_prompt: float = Field(0, ge=0)
    per_million_completion: float = Field(0, ge=0)
    currency: str = "USD"


class RateChoice(BaseModel):
    """What a person expects of a model before anything was asked, for `plan`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calls_per_image: float = Field(gt=0)
    prompt_tokens: float = Field(ge=0, description="of one call")
    completion_tokens: float = Field(ge=0, description="of one call")
    seconds: float = Field(gt=0, description="of one call")


class ModelChoice(BaseModel):
    """One model of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    backend: Literal["endpoint", "vllm", "transformers"] = Field(
        description="endpoint: any OpenAI-compatible server; vllm, transformers: loaded by medgrain"
    )
    model: str = Field(min_length=1, description="name at the server, Hub id, or folder")
    revision: str = Field("", description="commit or version of the weights; part of every key")
    family: str = Field(
        min_length=1, description="lineage such as qwen, internvl, glm; a judge needs another"
    )
    url: str | None = Field(None, description="endpoint only: base address, ends in /v1")
    reach: Reach = Field(
        "public", description="who sees what is sent: local machines, a contracted service, anybody"
    )
    key_env: str | None = Field(None, description="environment variable that holds the API key")
    structured: Literal["json_schema", "openai_strict", "guided_json", "none"] = Field(
        "json_schema",
        description="how the server takes the JSON schema of the answer; openai_strict: without text "
        "lengths, which OpenAI's own service refuses; guided_json: vLLM's extra field",
    )
    fingerprint: bool = Field(
        True,
        description="stop when the server states another system_fingerprint; false for public services "
        "that change it at will",
    )
    images: bool = Field(True, description="false: a text model; it is sent no pixels")
    image_side: int = Field(1024, ge=64, description="px; longer sides are scaled down for sending")
    limits: LimitChoice = LimitChoice()
    price: PriceChoice = PriceChoice()
    expect: RateChoice | None = Field(None, description="rates to estimate with, without a trial")
    engine: dict[str, Any] = Field({}, description="keyword arguments of the in-process engine")

    @model_validator(mode="after")
    def _served_somewhere(self) -> "ModelChoice":
        if (self.backend == "endpoint") != (self.url is not None):
            raise ValueError("`url` goes with `backend: endpoint`; give both or none")
        if self.url is not None and not self.url.startswith(("http://", "https://")):
            raise ValueError(f"url {self.url!r}: expected http:// or https://")
        return self

    @property
    def seen_by(self) -> Reach:
        """Who sees the data: a model in our own process is local whatever the recipe says."""
        return "local" if self.backend in IN_PROCESS else self.reach
