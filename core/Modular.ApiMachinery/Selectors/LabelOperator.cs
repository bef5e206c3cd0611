namespace Modular.ApiMachinery;

/// <summary>How a requirement of a label selector compares.</summary>
public enum LabelOperator
{
    /// <summary>The label has the one value.</summary>
    Equals,
    /// <summary>The label is absent or has another value.</summary>
    NotEquals,
    /// <summary>The label has one of the values.</summary>
    In,
    /// <summary>The label is absent or has none of the values.</summary>
    NotIn,
    /// <summary>The label is there.</summary>
    Exists,
    /// <summary>The label is absent.</summary>
    DoesNotExist,
    /// <summary>The label is a whole number above the one value.</summary>
    GreaterThan,
    /// <summary>The label is a whole number below the one value.</summary>
    LessThan,
}
