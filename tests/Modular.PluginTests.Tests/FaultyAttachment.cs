using System.IO.Pipelines;
using Modular.Abstractions;

namespace Modular.PluginTests.Tests;

/// <summary>Somebody who is attached to a container of <see cref="FaultyRuntime"/>.</summary>
internal sealed class FaultyAttachment : IContainerSession
{
    private readonly TaskCompletionSource<int> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<FaultyAttachment> _leave;
    private readonly Pipe? _input;
    private readonly Pipe _output = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly Pipe? _error;

    /// <param name="request">Who attaches.</param>
    /// <param name="twoOutputs">Whether errors come by themselves.</param>
    /// <param name="take">Gets what is said; nothing once all is.</param>
    /// <param name="leave">Told when this one goes.</param>
    public FaultyAttachment(AttachRequest request, bool twoOutputs, Action<FaultyAttachment, ReadOnlyMemory<byte>?> take, Action<FaultyAttachment> leave)
    {
        ContainerId = request.ContainerId;
        _leave = leave;
        _error = twoOutputs ? new Pipe() : null;
        if (request.Stdin)
        {
            _input = new Pipe();
            _ = CarryAsync(_input.Reader, take);
        }
    }

    public string ContainerId { get; }

    public PipeWriter? Input => _input?.Writer;

    public PipeReader Output => _output.Reader;

    public PipeReader? Error => _error?.Reader;

    public Task<int> Completion => _completion.Task;

    public ValueTask ResizeAsync(int columns, int rows, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _leave(this);
        return ValueTask.CompletedTask;
    }

    public void Say(ReadOnlyMemory<byte> data)
    {
        data.CopyTo(_output.Writer.GetMemory(data.Length));
        _output.Writer.Advance(data.Length);
        _ = _output.Writer.FlushAsync().AsTask();
    }

    public void End(int code)
    {
        _output.Writer.Complete();
        _error?.Writer.Complete();
        _completion.TrySetResult(code);
    }

    private async Task CarryAsync(PipeReader input, Action<FaultyAttachment, ReadOnlyMemory<byte>?> take)
    {
        ReadResult read;
        do
        {
            read = await input.ReadAsync();
            foreach (var segment in read.Buffer)
            {
                take(this, segment);
            }

            input.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        take(this, null);
    }
}
