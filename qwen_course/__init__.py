"""Helpers of the Qwen course: choose, load, ask and measure Qwen models.

The public names below are imported on first use, so that `import qwen_course` stays quick and does not import torch.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# public name -> the module it lives in
_MODULES = {
    # choosing
    "Checkpoint": "checkpoints",
    "catalog": "checkpoints",
    "checkpoint": "checkpoints",
    "recommend": "family",
    "MemoryEstimate": "memory",
    "ParameterCount": "parameters",
    "count_parameters": "parameters",
    "estimate_memory": "memory",
    # running
    "checkpoint_folder": "models",
    "fast_mode": "fast",
    "load": "models",
    "load_vision": "models",
    "Piece": "reply",
    "Reply": "reply",
    "ReplyStream": "streaming",
    "Sampling": "sampling",
    "ToolCall": "reply",
    # measuring
    "Problem": "skills",
    "Score": "evaluation",
    "compare": "evaluation",
    "compare_precisions": "quantization",
    "evaluate": "evaluation",
    "perplexity": "quantization",
    "chart_problems": "skills_vl",
    "problems": "skills",
    # seeing
    "data_url": "pictures",
    "open_picture": "pictures",
    # prompting
    "JsonAnswer": "structured",
    "ThinkingBudget": "thinking_budget",
    "ToolRun": "tool_record",
    "ToolStep": "tool_record",
    "ask_json": "structured",
    "ask_json_batch": "structured",
    "call_tool": "tools",
    "coding_prompt": "prompts",
    "extract_code": "prompts",
    "few_shot": "prompts",
    "json_prompt": "prompts",
    "multilingual_prompt": "prompts",
    "parse_json": "structured",
    "reasoning_prompt": "prompts",
    "run_tools": "tools",
    "unbounded": "json_schemas",
    # fine-tuning
    "DataError": "finetuning_data",
    "TokenView": "finetuning_view",
    "TrainingDiverged": "finetuning",
    "encode_row": "finetuning_data",
    "finetune": "finetuning",
    "launch_config": "finetuning_launch",
    "load_adapter": "finetuning_adapters",
    "merge_adapter": "finetuning_adapters",
    "plot_training": "finetuning_view",
    "prepare_rows": "finetuning_checks",
    "read_rows": "finetuning_data",
    "rows_of": "finetuning_data",
    "training_callbacks": "finetuning",
    "training_config": "finetuning_launch",
    "training_history": "finetuning",
    "training_settings": "finetuning",
    "training_template": "finetuning_template",
    "write_adapter_card": "finetuning_adapters",
    "write_launch_files": "finetuning_launch",
    "write_rows": "finetuning_data",
    # serving
    "ApiKeys": "api_keys",
    "AuditLog": "guard_log",
    "Gateway": "gateway",
    "GenerationFailed": "service_errors",
    "Guard": "guard",
    "GuardError": "guard_errors",
    "InputNotAllowed": "guard_errors",
    "InputTooLong": "guard_errors",
    "QwenService": "service",
    "download": "downloads",
    "verify": "downloads",
    "vllm_command": "vllm_flags",
    "write_compose": "compose",
    "RateLimited": "guard_errors",
    "RunawayReply": "guard_errors",
    "ServerProcess": "server_process",
    "ServiceClosed": "service_errors",
    "ServiceError": "service_errors",
    "ServiceOverloaded": "service_errors",
    "ServiceTimeout": "service_errors",
    # edge
    "EdgePrompts": "edge_report",
    "EngineRun": "edge_run",
    "edge_prompts": "edge_report",
    "engine_scores": "edge_report",
    "engines_table": "edge_report",
    "export_gguf": "export",
    "export_onnx": "export",
    "missing_engine": "export",
    "modelfile": "ollama",
    "open_engine": "edge",
    "recorded_engines": "edge_report",
    "recorded_speeds": "edge_report",
    "run_engine": "edge_run",
    "same_share": "edge_report",
    # watching
    "Canaries": "canaries",
    "HealthReport": "health",
    "Limits": "health",
    "QwenMonitor": "monitoring",
    "grafana_dashboard": "grafana",
    "health_check": "health",
    "live_dashboard": "monitor_view",
    "measure": "monitoring",
    "percentile": "observations",
    "run_canaries": "canaries",
    # learning
    "check": "exercises.checking",
    "hint": "exercises.helping",
    "progress": "exercises.progress",
    "solution": "exercises.helping",
}

__all__ = sorted(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. Its public names: {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value  # the next use does not come back here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
