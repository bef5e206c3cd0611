using System.IO.Pipelines;
using System.Text;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>A command of <see cref="FaultyRuntime"/>.</summary>
internal sealed class FaultySession : IContainerSession
{
    private readonly TaskCompletionSource<int> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RuntimeFault _fault;
    private readonly Pipe? _input;
    private readonly Pipe _output = new();
    private readonly Pipe _error = new();

    public FaultySession(RuntimeFault fault, ExecRequest request)
    {
        _fault = fault;
        _input = request.Stdin ? new Pipe() : null;
        _ = RunAsync(request);
    }

    public PipeWriter? Input => _input?.Writer;

    public PipeReader Output => _output.Reader;

    public PipeReader? Error => _error.Reader;

    public Task<int> Completion => _completion.Task;

    public ValueTask ResizeAsync(int columns, int rows, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _completion.TrySetResult(_fault == RuntimeFault.CallsAGivenUpCommandDone ? 0 : 137);
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync(ExecRequest request)
    {
        if (request.Command is ["copy"])
        {
            await _input!.Reader.CopyToAsync(_output.Writer);
            await EndAsync(0);
        }
        else if (request.Command is ["say", var output, var error, var code])
        {
            await WriteAsync(_output, output);
            await WriteAsync(_fault == RuntimeFault.MixesOutputAndErrors ? _output : _error, error);
            await EndAsync(int.Parse(code, null));
        }
    }

    private async Task EndAsync(int code)
    {
        await _output.Writer.CompleteAsync();
        await _error.Writer.CompleteAsync();
        _completion.TrySetResult(code);
    }

    private static async Task WriteAsync(Pipe pipe, string line) => await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
